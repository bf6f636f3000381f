// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IErc20} from "./IErc20.sol";

/// Swaps one ERC-20 for another at a rate that its owner sets: `buy = sell * numerator / denominator`
/// in base units. No curve: a drill wants exact amounts, known beforehand.
contract Pool {
    struct Rate {
        uint256 numerator;
        uint256 denominator;
    }

    address public immutable owner;
    mapping(address => mapping(address => Rate)) public rates;

    event Swap(address indexed sender, address indexed to, address sell, address buy, uint256 sold, uint256 bought);

    constructor() {
        owner = msg.sender;
    }

    function setRate(address sell, address buy, uint256 numerator, uint256 denominator) external {
        require(msg.sender == owner, "owner only");
        rates[sell][buy] = Rate(numerator, denominator);
    }

    function swap(address sell, address buy, uint256 amount, address to) external returns (uint256 bought) {
        Rate memory rate = rates[sell][buy];
        require(rate.denominator != 0, "no such pair");
        bought = (amount * rate.numerator) / rate.denominator;
        require(IErc20(sell).transferFrom(msg.sender, address(this), amount), "in");
        require(IErc20(buy).transfer(to, bought), "out");
        emit Swap(msg.sender, to, sell, buy, amount, bought);
    }
}
