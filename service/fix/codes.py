"""What the codes of enumerated FIX tags mean, in words; the tables behind `tags.py` and nothing else."""

from __future__ import annotations


def _codes(text: str) -> dict[str, str]:
    """Read `code meaning|code meaning` over any number of lines."""
    entries = (entry.strip() for line in text.split("\n") for entry in line.split("|"))
    return {code: meaning for code, _, meaning in (entry.partition(" ") for entry in entries if entry)}


_YES_NO = _codes("Y yes|N no")
MESSAGES = _codes(
    """
    0 Heartbeat|1 TestRequest|2 ResendRequest|3 Reject|4 SequenceReset|5 Logout|6 IndicationOfInterest
    7 Advertisement|8 ExecutionReport|9 OrderCancelReject|A Logon|B News|C Email|D NewOrderSingle|E NewOrderList
    F OrderCancelRequest|G OrderCancelReplaceRequest|H OrderStatusRequest|J AllocationInstruction
    K ListCancelRequest|L ListExecute|M ListStatusRequest|N ListStatus|P AllocationInstructionAck
    Q DontKnowTrade|R QuoteRequest|S Quote|T SettlementInstructions|V MarketDataRequest
    W MarketDataSnapshotFullRefresh|X MarketDataIncrementalRefresh|Y MarketDataRequestReject|Z QuoteCancel
    AB NewOrderMultileg|AC MultilegOrderCancelReplace|AD TradeCaptureReportRequest|AE TradeCaptureReport
    AF OrderMassStatusRequest|AK Confirmation|AP PositionReport|AR TradeCaptureReportAck|AS AllocationReport
    AU ConfirmationAck|BE UserRequest|BF UserResponse|BW ApplicationMessageRequest|BX ApplicationMessageRequestAck
    BY ApplicationMessageReport|BZ OrderMassActionReport|CF PartyDetailsListRequest|a DerivativeSecurityListRequest
    c SecurityDefinitionRequest|d SecurityDefinition|e SecurityStatusRequest|f SecurityStatus
    g TradingSessionStatusRequest|h TradingSessionStatus|j BusinessMessageReject|q OrderMassCancelRequest
    r OrderMassCancelReport|s NewOrderCross|t CrossOrderCancelReplaceRequest|u CrossOrderCancelRequest
    x SecurityListRequest|y SecurityList|n XMLnonFIX
    """
)
CODES: dict[str, dict[str, str]] = {
    "18": _codes(
        """
        0 stay on offer side|1 not held|2 work|3 go along|4 over the day|5 held|6 participate, do not initiate
        7 strict scale|8 try to scale|9 stay on bid side|A no cross|B may cross|C call first|D per cent of volume
        E do not increase|F do not reduce|G all or none|H reinstate on system failure|I institutions only
        J reinstate on trading halt|K cancel on trading halt|L last peg|M mid-price peg|N non-negotiable
        O opening peg|P market peg|Q cancel on system failure|R primary peg|S suspend|T fixed peg|U display instruction
        V netting|W peg to VWAP|X trade along|Y try to stop|Z cancel if not best|a trailing stop peg|b strict limit
        c ignore price checks|d peg to limit price|e work to target strategy|f intermarket sweep
        g external routing allowed|h external routing not allowed|i imbalance only|k best execution
        """
    ),
    "20": _codes("0 new|1 cancel|2 correct|3 status"),
    "21": _codes("1 automated, no broker|2 automated, broker may intervene|3 manual"),
    "22": _codes("1 CUSIP|2 SEDOL|4 ISIN|5 RIC|8 exchange symbol"),
    "29": _codes("1 agent|2 cross as agent|3 cross as principal|4 principal"),
    "35": MESSAGES,
    "39": _codes(
        """
        0 new|1 partially filled|2 filled|3 done for day|4 canceled|5 replaced|6 pending cancel|7 stopped|8 rejected
        9 suspended|A pending new|B calculated|C expired|D accepted for bidding|E pending replace
        """
    ),
    "40": _codes(
        """
        1 market|2 limit|3 stop|4 stop limit|5 market on close|6 with or without|7 limit or better
        8 limit with or without|9 on basis|A on close|B limit on close|D previously quoted|E previously indicated
        G forex swap|I funari|J market if touched|K market with leftover as limit|P pegged|Q counter-order selection
        """
    ),
    "43": _YES_NO,
    "47": _codes("A agency, single order|I individual investor|P principal|R agency for a member|W agency, other"),
    "54": _codes(
        """
        1 buy|2 sell|3 buy minus|4 sell plus|5 sell short|6 sell short exempt|7 undisclosed|8 cross|9 cross short
        A cross short exempt|B as defined|C opposite
        """
    ),
    "59": _codes(
        "0 day|1 good till cancel|2 at the opening|3 immediate or cancel|4 fill or kill|5 good till crossing"
        "|6 good till date|7 at the close|8 good through crossing|9 at crossing"
    ),
    "63": _codes(
        """
        0 regular|1 cash|2 next day|3 T+2|4 T+3|5 T+4|6 future|7 when and if issued|8 seller's option|9 T+5
        B broken date|C FX spot next
        """
    ),
    "97": _YES_NO,
    "102": _codes(
        "0 too late to cancel|1 unknown order|2 broker's option|3 already pending|6 duplicate ClOrdID|99 other"
    ),
    "103": _codes(
        """
        0 broker's option|1 unknown symbol|2 exchange closed|3 order exceeds limit|4 too late to enter|5 unknown order
        6 duplicate order|7 duplicate of a verbal order|8 stale order|11 unsupported order characteristic
        13 incorrect quantity|15 unknown account|16 price exceeds band|99 other
        """
    ),
    "123": _YES_NO,
    "141": _YES_NO,
    "150": _codes(
        """
        0 new|1 partial fill|2 fill|3 done for day|4 canceled|5 replaced|6 pending cancel|7 stopped|8 rejected
        9 suspended|A pending new|B calculated|C expired|D restated|E pending replace|F trade|G trade correct
        H trade cancel|I order status|J in a clearing hold|K released to clearing|L triggered
        """
    ),
    "277": _codes(
        """
        A cash|B average price|C cash trade|D next day|E opening or reopening|J next day trade|K opened|L seller
        N stopped stock|R opening price|X crossed|Z intermarket sweep|w reopening|AE stopped|AJ official closing price
        AR form T|6 benchmark
        """
    ),
    "373": _codes(
        """
        0 invalid tag number|1 required tag missing|2 tag not defined for this message|3 undefined tag
        4 tag without a value|5 value out of range|6 incorrect data format|7 decryption problem|8 signature problem
        9 CompID problem|10 SendingTime accuracy|11 invalid MsgType|13 tag appears more than once
        14 tag out of order|15 group fields out of order|16 wrong count of a group|99 other
        """
    ),
    "378": _codes(
        """
        0 GT corporate action|1 GT renewal|2 verbal change|3 repricing|4 broker option|5 partial decline of quantity
        6 canceled on trading halt|7 canceled on system failure|8 market option|9 canceled, not best|10 warehouse recap
        11 peg refresh|12 canceled on loss of connection|13 canceled on logout|99 other
        """
    ),
    "380": _codes(
        "0 other|1 unknown id|2 unknown security|3 unsupported message type|4 application not available"
        "|5 conditionally required field missing|6 not authorised"
    ),
    "442": _codes("1 single security|2 leg of a package|3 package"),
    "452": _codes(
        """
        1 executing firm|3 client|4 clearing firm|5 investor|7 entering firm|11 order origination trader
        12 executing trader|13 order origination firm|16 executing system|17 contra firm|22 exchange|24 customer account
        35 liquidity provider|36 entering trader|37 contra trader|53 trader mnemonic|66 market maker
        73 execution venue|76 desk
        """
    ),
    "528": _codes("A agency|G proprietary|I individual|P principal|R riskless principal|W agent for another member"),
    "574": _codes("4 automatic match|5 cross auction|7 call auction"),
    "770": _codes(
        """
        1 execution|2 time in|3 time out|4 broker receipt|5 broker execution|6 desk receipt|8 time priority
        9 order book entry|10 order submission|11 publicly reported|29 order cancellation|30 order modification
        31 order routing|32 trade cancellation|33 trade modification|34 reference time for the NBBO
        """
    ),
    "797": _YES_NO,
    "851": _codes(
        """
        0 neither|1 added liquidity|2 removed liquidity|3 routed out|4 auction|5 triggered stop order
        6 triggered contingency order|7 triggered market order|8 removed after firm commitment
        9 auction after firm commitment
        """
    ),
    "1057": _codes("Y removed liquidity|N added liquidity"),
}
"""Tag → code → meaning."""
