// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IErc20} from "./IErc20.sol";

/// An OFT-like lockbox: it holds the token for its copies on other chains and releases it for a
/// packet that its verifier attested. ONE verifier suffices, and that is the weakness the drill
/// shows: who makes that one attest a packet that was never sent takes what is locked.
contract BridgeAdapter {
    IErc20 public immutable token;
    address public immutable verifier;
    mapping(bytes32 => bool) public attested;

    event PacketVerified(bytes32 indexed guid, bytes32 packet);
    event OFTReceived(bytes32 indexed guid, uint32 srcEid, address indexed toAddress, uint256 amountReceivedLD);

    constructor(address token_, address verifier_) {
        token = IErc20(token_);
        verifier = verifier_;
    }

    function attest(bytes32 guid, uint32 srcEid, address to, uint256 amount) external {
        require(msg.sender == verifier, "verifier only");
        bytes32 packet = keccak256(abi.encode(guid, srcEid, to, amount));
        attested[packet] = true;
        emit PacketVerified(guid, packet);
    }

    function deliver(bytes32 guid, uint32 srcEid, address to, uint256 amount) external {
        bytes32 packet = keccak256(abi.encode(guid, srcEid, to, amount));
        require(attested[packet], "not attested, or delivered");
        require(token.transfer(to, amount), "release");
        attested[packet] = false; // the token calls nobody back, so this may come last
        emit OFTReceived(guid, srcEid, to, amount);
    }
}
