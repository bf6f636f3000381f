// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Erc20} from "./Erc20.sol";
import {IssuedToken} from "./IssuedToken.sol";

/// A restaked-ether receipt (rsETH in the drill): the issuer freezes single addresses, and its
/// pauser stops every movement.
contract RestakedToken is IssuedToken {
    address public immutable pauser;
    bool public paused;

    event Paused(address account);
    event Unpaused(address account);

    constructor(string memory name_, string memory symbol_, address pauser_) Erc20(name_, symbol_, 18) {
        pauser = pauser_;
    }

    function pause() external {
        require(msg.sender == pauser, "pauser only");
        paused = true;
        emit Paused(msg.sender);
    }

    function unpause() external {
        require(msg.sender == pauser, "pauser only");
        paused = false;
        emit Unpaused(msg.sender);
    }

    function _check(address from, address to) internal view override {
        require(!paused, "paused");
        super._check(from, to);
    }
}
