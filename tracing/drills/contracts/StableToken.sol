// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Erc20} from "./Erc20.sol";
import {IssuedToken} from "./IssuedToken.sol";

/// A dollar token of six decimals that its issuer can freeze address by address.
contract StableToken is IssuedToken {
    constructor(string memory name_, string memory symbol_) Erc20(name_, symbol_, 6) {}
}
