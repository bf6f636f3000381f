// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Erc20} from "./Erc20.sol";
import {IErc20} from "./IErc20.sol";

/// A lender's deposit receipt, one to one with the asset. As with Aave's aTokens, this contract
/// itself holds the reserve, so supplied value flows in here and borrowed value flows out of here.
contract ReceiptToken is Erc20 {
    address public immutable market;
    IErc20 public immutable underlying;

    modifier onlyMarket() {
        require(msg.sender == market, "market only");
        _;
    }

    constructor(string memory name_, string memory symbol_, uint8 decimals_, address underlying_)
        Erc20(name_, symbol_, decimals_)
    {
        market = msg.sender;
        underlying = IErc20(underlying_);
    }

    function mint(address to, uint256 value) external onlyMarket {
        _mint(to, value);
    }

    function burn(address from, uint256 value) external onlyMarket {
        _burn(from, value);
    }

    function release(address to, uint256 value) external onlyMarket {
        require(underlying.transfer(to, value), "release");
    }
}
