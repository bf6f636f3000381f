// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IErc20} from "./IErc20.sol";
import {ReceiptToken} from "./ReceiptToken.sol";
import {DebtToken} from "./DebtToken.sol";

/// An Aave-like market without interest. Each listed asset has a receipt token (which holds the
/// reserve) and a debt token; one oracle price per asset (dollars, 8 decimals, per whole token);
/// a position must keep `sum(collateral * threshold) >= sum(debt)`.
contract LendingMarket {
    struct Reserve {
        ReceiptToken receipt;
        DebtToken debt;
        uint256 unit;
        uint256 price;
        uint256 thresholdBps;
        bool frozen;
    }

    address public immutable governance;
    address[] public assets;
    mapping(address => Reserve) public reserves;

    event Supply(address indexed asset, address indexed user, uint256 amount);
    event Borrow(address indexed asset, address indexed user, uint256 amount);
    event Repay(address indexed asset, address indexed user, address indexed payer, uint256 amount);
    event Withdraw(address indexed asset, address indexed user, address to, uint256 amount);
    event Liquidation(
        address indexed user, address debtAsset, uint256 debt, address collateralAsset, uint256 collateral, address to
    );
    event ReserveFrozen(address indexed asset, bool frozen);
    event AssetPriceUpdated(address indexed asset, uint256 price);

    modifier onlyGovernance() {
        require(msg.sender == governance, "governance only");
        _;
    }

    constructor() {
        governance = msg.sender;
    }

    function list(address asset, string memory symbol, uint8 decimals, uint256 price, uint256 thresholdBps)
        external
        onlyGovernance
    {
        require(reserves[asset].unit == 0, "listed");
        reserves[asset] = Reserve({
            receipt: new ReceiptToken(string.concat("Receipt of ", symbol), string.concat("a", symbol), decimals, asset),
            debt: new DebtToken(string.concat("Debt of ", symbol), string.concat("debt", symbol), decimals),
            unit: 10 ** decimals,
            price: price,
            thresholdBps: thresholdBps,
            frozen: false
        });
        assets.push(asset);
        emit AssetPriceUpdated(asset, price);
    }

    function setAssetPrice(address asset, uint256 price) external onlyGovernance {
        reserves[asset].price = price;
        emit AssetPriceUpdated(asset, price);
    }

    function setReserveFreeze(address asset, bool frozen) external onlyGovernance {
        reserves[asset].frozen = frozen;
        emit ReserveFrozen(asset, frozen);
    }

    /// Dollars with 8 decimals per whole token: the view that Aave's oracle has.
    function getAssetPrice(address asset) external view returns (uint256) {
        return reserves[asset].price;
    }

    function supply(address asset, uint256 amount) external {
        Reserve storage reserve = _open(asset);
        require(IErc20(asset).transferFrom(msg.sender, address(reserve.receipt), amount), "in");
        reserve.receipt.mint(msg.sender, amount);
        emit Supply(asset, msg.sender, amount);
    }

    function borrow(address asset, uint256 amount) external {
        Reserve storage reserve = _open(asset);
        reserve.debt.mint(msg.sender, amount);
        require(_healthy(msg.sender), "health");
        reserve.receipt.release(msg.sender, amount);
        emit Borrow(asset, msg.sender, amount);
    }

    function repay(address asset, uint256 amount, address debtor) external {
        Reserve storage reserve = reserves[asset];
        require(IErc20(asset).transferFrom(msg.sender, address(reserve.receipt), amount), "in");
        reserve.debt.burn(debtor, amount);
        emit Repay(asset, debtor, msg.sender, amount);
    }

    function withdraw(address asset, uint256 amount, address to) external {
        Reserve storage reserve = reserves[asset];
        reserve.receipt.burn(msg.sender, amount);
        require(_healthy(msg.sender), "health");
        reserve.receipt.release(to, amount);
        emit Withdraw(asset, msg.sender, to, amount);
    }

    /// Governance pays a debt and sends collateral where its vote said.
    function liquidate(
        address debtor,
        address debtAsset,
        uint256 debt,
        address collateralAsset,
        uint256 collateral,
        address to
    ) external onlyGovernance {
        Reserve storage owed = reserves[debtAsset];
        Reserve storage held = reserves[collateralAsset];
        require(IErc20(debtAsset).transferFrom(msg.sender, address(owed.receipt), debt), "in");
        owed.debt.burn(debtor, debt);
        held.receipt.burn(debtor, collateral);
        held.receipt.release(to, collateral);
        emit Liquidation(debtor, debtAsset, debt, collateralAsset, collateral, to);
    }

    function _open(address asset) private view returns (Reserve storage reserve) {
        reserve = reserves[asset];
        require(reserve.unit != 0 && !reserve.frozen, "not open");
    }

    function _healthy(address user) private view returns (bool) {
        uint256 backed;
        uint256 owed;
        for (uint256 i = 0; i < assets.length; i++) {
            Reserve storage reserve = reserves[assets[i]];
            backed += (reserve.receipt.balanceOf(user) * reserve.price * reserve.thresholdBps) / reserve.unit / 10_000;
            owed += (reserve.debt.balanceOf(user) * reserve.price) / reserve.unit;
        }
        return backed >= owed;
    }
}
