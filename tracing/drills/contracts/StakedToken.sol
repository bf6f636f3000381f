// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Erc20} from "./Erc20.sol";

/// A token that nobody can freeze (wstETH in the drill): its minter mints, that is all.
contract StakedToken is Erc20 {
    address public immutable minter;

    constructor(string memory name_, string memory symbol_) Erc20(name_, symbol_, 18) {
        minter = msg.sender;
    }

    function mint(address to, uint256 value) external {
        require(msg.sender == minter, "minter only");
        _mint(to, value);
    }
}
