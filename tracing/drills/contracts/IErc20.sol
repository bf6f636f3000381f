// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// What the drill's contracts call of a token.
interface IErc20 {
    function transfer(address to, uint256 value) external returns (bool);
    function transferFrom(address from, address to, uint256 value) external returns (bool);
    function balanceOf(address account) external view returns (uint256);
}
