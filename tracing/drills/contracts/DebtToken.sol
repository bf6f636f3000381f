// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// A debt, one unit per unit owed: it is minted and burnt with Transfer logs and never moves.
/// A liability, not value: a tracer must leave it out of what an address holds.
contract DebtToken {
    string public name;
    string public symbol;
    uint8 public immutable decimals;
    address public immutable market;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;

    event Transfer(address indexed from, address indexed to, uint256 value);

    modifier onlyMarket() {
        require(msg.sender == market, "market only");
        _;
    }

    constructor(string memory name_, string memory symbol_, uint8 decimals_) {
        name = name_;
        symbol = symbol_;
        decimals = decimals_;
        market = msg.sender;
    }

    function mint(address debtor, uint256 value) external onlyMarket {
        totalSupply += value;
        balanceOf[debtor] += value;
        emit Transfer(address(0), debtor, value);
    }

    function burn(address debtor, uint256 value) external onlyMarket {
        balanceOf[debtor] -= value;
        totalSupply -= value;
        emit Transfer(debtor, address(0), value);
    }
}
