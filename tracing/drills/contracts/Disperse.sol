// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IErc20} from "./IErc20.sol";

/// Pays many in one transaction. It keeps nothing: per transaction its own balance nets to zero,
/// and native value moves in internal calls only.
contract Disperse {
    function disperseEther(address payable[] calldata to, uint256[] calldata amounts) external payable {
        uint256 left = msg.value;
        for (uint256 i = 0; i < to.length; i++) {
            left -= amounts[i];
            (bool ok, ) = to[i].call{value: amounts[i]}("");
            require(ok, "send failed");
        }
        require(left == 0, "sum");
    }

    function disperseToken(IErc20 token, address[] calldata to, uint256[] calldata amounts) external {
        uint256 total;
        for (uint256 i = 0; i < to.length; i++) total += amounts[i];
        require(token.transferFrom(msg.sender, address(this), total), "in");
        for (uint256 i = 0; i < to.length; i++) require(token.transfer(to[i], amounts[i]), "out");
    }
}
