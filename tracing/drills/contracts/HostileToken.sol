// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// A token that lies: its name is chosen to break pages, and it logs transfers that nobody made and
/// balances that nobody has. What a watcher must show inert and must not believe.
contract HostileToken {
    string public name;
    string public symbol;
    uint8 public constant decimals = 18;

    event Transfer(address indexed from, address indexed to, uint256 value);

    constructor(string memory name_, string memory symbol_) {
        name = name_;
        symbol = symbol_;
    }

    function balanceOf(address) external pure returns (uint256) {
        return 1;
    }

    function spam(address[] calldata to, uint256 value) external {
        for (uint256 i = 0; i < to.length; i++) emit Transfer(address(0), to[i], value);
    }

    function spoof(address from, address to, uint256 value) external {
        emit Transfer(from, to, value);
    }
}
