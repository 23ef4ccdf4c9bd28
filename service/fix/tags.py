"""Names of FIX tags and of their codes, for people: the page and the reasons of undecodable messages.

Only what execution reports and sessions carry; an unknown tag has no name, and that is no error.
"""

from __future__ import annotations

from service.fix.codes import CODES, MESSAGES

_NAMES = """
1 Account|6 AvgPx|7 BeginSeqNo|8 BeginString|9 BodyLength|10 CheckSum|11 ClOrdID|12 Commission|13 CommType
14 CumQty|15 Currency|16 EndSeqNo|17 ExecID|18 ExecInst|19 ExecRefID|20 ExecTransType|21 HandlInst
22 SecurityIDSource|29 LastCapacity|30 LastMkt|31 LastPx|32 LastQty|34 MsgSeqNum|35 MsgType|36 NewSeqNo
37 OrderID|38 OrderQty|39 OrdStatus|40 OrdType|41 OrigClOrdID|42 OrigTime|43 PossDupFlag|44 Price|45 RefSeqNum
47 Rule80A|48 SecurityID|49 SenderCompID|50 SenderSubID|52 SendingTime|54 Side|55 Symbol|56 TargetCompID
57 TargetSubID|58 Text|59 TimeInForce|60 TransactTime|63 SettlType|64 SettlDate|65 SymbolSfx|66 ListID
75 TradeDate|76 ExecBroker|77 PositionEffect|78 NoAllocs|79 AllocAccount|80 AllocQty|89 Signature
90 SecureDataLen|91 SecureData|93 SignatureLength|95 RawDataLength|96 RawData|97 PossResend|98 EncryptMethod
99 StopPx|100 ExDestination|102 CxlRejReason|103 OrdRejReason|106 Issuer|107 SecurityDesc|108 HeartBtInt
109 ClientID|110 MinQty|111 MaxFloor|112 TestReqID|113 ReportToExch|114 LocateReqd|115 OnBehalfOfCompID
116 OnBehalfOfSubID|117 QuoteID|118 NetMoney|119 SettlCurrAmt|120 SettlCurrency|122 OrigSendingTime
123 GapFillFlag|126 ExpireTime|128 DeliverToCompID|129 DeliverToSubID|136 NoMiscFees|137 MiscFeeAmt
138 MiscFeeCurr|139 MiscFeeType|141 ResetSeqNumFlag|142 SenderLocationID|143 TargetLocationID|148 Headline
150 ExecType|151 LeavesQty|152 CashOrderQty|153 AllocAvgPx|154 AllocNetMoney|159 AccruedInterestAmt
167 SecurityType|168 EffectiveTime|194 LastSpotRate|195 LastForwardPoints|198 SecondaryOrderID|200 MaturityMonthYear
201 PutOrCall|202 StrikePrice|205 MaturityDay|206 OptAttribute|207 SecurityExchange|210 MaxShow|211 PegOffsetValue
212 XmlDataLen|213 XmlData|231 ContractMultiplier|276 QuoteCondition|277 TradeCondition|278 MDEntryID
336 TradingSessionID|337 ContraTrader|347 MessageEncoding|354 EncodedTextLen|355 EncodedText|369 LastMsgSeqNumProcessed
371 RefTagID|372 RefMsgType|373 SessionRejectReason|375 ContraBroker|376 ComplianceID|377 SolicitedFlag
378 ExecRestatementReason|379 BusinessRejectRefID|380 BusinessRejectReason|381 GrossTradeAmt|382 NoContraBrokers
383 MaxMessageSize|388 DiscretionInst|389 DiscretionOffsetValue|423 PriceType|424 DayOrderQty|425 DayCumQty
426 DayAvgPx|427 GTBookingInst|432 ExpireDate|434 CxlRejResponseTo|437 ContraTradeQty|438 ContraTradeTime
439 ClearingFirm|440 ClearingAccount|442 MultiLegReportingType|447 PartyIDSource|448 PartyID|452 PartyRole
453 NoPartyIDs|454 NoSecurityAltID|455 SecurityAltID|456 SecurityAltIDSource|460 Product|461 CFICode
483 TransBkdTime|518 NoContAmts|526 SecondaryClOrdID|527 SecondaryExecID|528 OrderCapacity|529 OrderRestrictions
541 MaturityDate|548 CrossID|549 CrossType|552 NoSides|553 Username|554 Password|555 NoLegs|571 TradeReportID
574 MatchType|578 TradeInputSource|581 AccountType|582 CustOrderCapacity|583 ClOrdLinkID|584 MassStatusReqID
587 LegSettlType|588 LegSettlDate|589 DayBookingInst|591 PreallocMethod|600 LegSymbol|602 LegSecurityID
608 LegCFICode|609 LegSecurityType|623 LegRatioQty|624 LegSide|625 TradingSessionSubID|627 NoHops|628 HopCompID
629 HopSendingTime|630 HopRefID|636 WorkingIndicator|637 LegLastPx|639 PriceImprovement|651 UnderlyingLastPx
654 LegRefID|655 ContraLegRefID|660 AcctIDSource|662 BenchmarkPrice|669 LastParPx|687 LegQty|711 NoUnderlyings
768 NoTrdRegTimestamps|769 TrdRegTimestamp|770 TrdRegTimestampType|771 TrdRegTimestampOrigin|789 NextExpectedMsgSeqNum
797 CopyMsgIndicator|802 NoPartySubIDs|803 PartySubIDType|523 PartySubID|819 AvgPxIndicator|820 TradeLinkID
828 TrdType|829 TrdSubType|830 TransferReason|839 PeggedPrice|845 DiscretionPrice|847 TargetStrategy
848 TargetStrategyParameters|849 ParticipationRate|851 LastLiquidityInd|852 PublishTrdIndicator|854 QtyType
880 TrdMatchID|893 LastFragment|900 TotNumReports|901 CashOutstanding|909 CollInquiryResult|912 LastRptRequested
925 NewPassword|943 TimeBracket|957 NoStrategyParameters|958 StrategyParameterName|960 StrategyParameterValue
1003 TradeID|1028 ManualOrderIndicator|1031 CustOrderHandlingInst|1032 OrderHandlingInstSource|1057 AggressorIndicator
1080 RefOrderID|1081 RefOrderIDSource|1084 DisplayMethod|1085 DisplayWhen|1090 MaxPriceLevels|1091 PreTradeAnonymity
1093 LotType|1094 PegPriceType|1115 OrderCategory|1116 NoRootPartyIDs|1117 RootPartyID|1119 RootPartyRole
1128 ApplVerID|1129 CstmApplVerID|1133 ExDestinationIDSource|1137 DefaultApplVerID|1138 DisplayQty
1156 ApplExtID|1180 ApplID|1181 ApplSeqNum|1300 MarketSegmentID|1301 MarketID|1350 ApplLastSeqNum|1362 NoFills
1363 FillExecID|1364 FillPx|1365 FillQty|1407 DefaultApplExtID|1408 DefaultCstmApplVerID|1409 SessionStatus
1443 FillLiquidityInd|1444 SideLiquidityInd|1724 OrderOrigination|2376 PartyRoleQualifier
"""
_ENTRIES = (entry.partition(" ") for line in _NAMES.splitlines() for entry in line.split("|") if entry)
TAGS: dict[str, str] = {tag: name for tag, _, name in _ENTRIES}


def tag_name(tag: str) -> str:
    """Return the tag's name, "" when it has none here."""
    return TAGS.get(tag, "")


def named(tag: str) -> str:
    """Return name and number as a reason prints them: `LastPx (31)`, or `tag 9999`."""
    name = TAGS.get(tag)
    return f"{name} ({tag})" if name else f"tag {tag}"


def message_name(kind: str) -> str:
    """Return the name of a MsgType (35)."""
    return MESSAGES.get(kind, "message")


def explain(tag: str, value: str) -> tuple[str, str]:
    """Return the tag's name and what the value means, each "" where nothing is known; lists of codes part by part."""
    codes = CODES.get(tag)
    if codes is None or not value:
        return tag_name(tag), ""
    meanings = [codes.get(part, "") for part in value.split(" ")]
    return tag_name(tag), ", ".join(meaning for meaning in meanings if meaning)
