// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Erc20} from "./Erc20.sol";

/// An ERC-20 whose issuer mints and freezes single addresses, with the events and the view that
/// FiatToken (USDC) has: Blacklisted(address), UnBlacklisted(address), isBlacklisted(address).
abstract contract IssuedToken is Erc20 {
    address public immutable issuer;
    mapping(address => bool) public isBlacklisted;

    event Blacklisted(address indexed _account);
    event UnBlacklisted(address indexed _account);

    modifier onlyIssuer() {
        require(msg.sender == issuer, "issuer only");
        _;
    }

    constructor() {
        issuer = msg.sender;
    }

    function mint(address to, uint256 value) external onlyIssuer {
        _mint(to, value);
    }

    function blacklist(address account) external onlyIssuer {
        isBlacklisted[account] = true;
        emit Blacklisted(account);
    }

    function unBlacklist(address account) external onlyIssuer {
        isBlacklisted[account] = false;
        emit UnBlacklisted(account);
    }

    function _check(address from, address to) internal view virtual override {
        require(!isBlacklisted[from] && !isBlacklisted[to], "blacklisted");
    }
}
