// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// A bridge whose deposits look like THORChain's router: value goes through to a vault, and
/// Deposit(to, asset, amount, memo) carries destination and recipient in the memo. `Departed` says
/// the same in fields, with a message id by which the far side can be matched.
contract Bridge {
    uint256 public sent;

    event Deposit(address indexed to, address indexed asset, uint256 amount, string memo);
    event Departed(bytes32 indexed messageId, string destinationChain, string recipient, address asset, uint256 amount);

    function depositWithExpiry(
        address payable vault,
        string calldata destinationChain,
        string calldata recipient,
        uint256 expiration
    ) external payable {
        require(block.timestamp <= expiration, "expired");
        bytes32 messageId = keccak256(abi.encode(block.chainid, address(this), sent++));
        (bool ok, ) = vault.call{value: msg.value}("");
        require(ok, "vault");
        emit Deposit(vault, address(0), msg.value, string.concat("=:", destinationChain, ":", recipient));
        emit Departed(messageId, destinationChain, recipient, address(0), msg.value);
    }
}
