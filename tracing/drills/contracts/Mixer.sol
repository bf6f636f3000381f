// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// A pool of one fixed denomination. The deposit's event is Tornado's; who withdraws cannot be told
/// from the chain, so the drill has no withdrawals of it: a mixer ends what can be followed.
contract Mixer {
    uint256 public immutable denomination;
    uint32 public nextIndex;

    event Deposit(bytes32 indexed commitment, uint32 leafIndex, uint256 timestamp);

    constructor(uint256 denomination_) {
        denomination = denomination_;
    }

    function deposit(bytes32 commitment) external payable {
        require(msg.value == denomination, "denomination");
        emit Deposit(commitment, nextIndex++, block.timestamp);
    }
}
