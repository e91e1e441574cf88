using CloudPbx.Net.Text;

namespace CloudPbx.Sip.Messages;

public ref partial struct SipMessageView
{
    /// <summary>
    /// Whether a message with a fault is a request that can be answered: its method readable and not ACK, its top Via's transport and
    /// sent-by readable, and no bare CR or LF in it, since an answer that echoed one would be cut in two.
    /// </summary>
    public readonly bool IsAnswerable
    {
        get
        {
            if (!IsRequest || _bareLineBreak || _methodEnd == 0 || MethodText.SequenceEqual("ACK"u8) || !TryFind(SipHeaderName.Via, out SipHeaderView header))
                return false;
            SipValueReader values = new(header.Value);
            values.TryRead(out ReadOnlySpan<byte> top);
            ViaView.Parse(top, out ViaView via);
            return !via.Host.IsEmpty;
        }
    }

    /// <summary>
    /// Checks what every element needs (RFC 3261 §8.1.1, §16.3): Request-URI, Via, From, To, Call-ID, CSeq there and well-formed;
    /// Max-Forwards, Contact, Route, Record-Route well-formed where present. Other fields are not looked at.
    /// </summary>
    /// <returns>The first fault, or <see cref="SipParseError.None"/>. Allocates nothing.</returns>
    public readonly SipParseError FindFault()
    {
        SipParseError error = IsRequest ? CheckRequestUri() : SipParseError.None;
        error = First(error, IndexOf(SipHeaderName.Via) < 0 ? SipParseError.MissingVia : SipParseError.None);
        error = First(error, CheckAddress(SipHeaderName.From, SipParseError.MissingFrom, SipParseError.From));
        error = First(error, CheckAddress(SipHeaderName.To, SipParseError.MissingTo, SipParseError.To));
        error = First(error, CheckCallId());
        error = First(error, CheckCSeq());
        for (int i = 0; i < HeaderCount && error == SipParseError.None; i++)
            error = _fields[i].Name switch
            {
                SipHeaderName.Via => CheckVia(GetHeader(i).Value),
                SipHeaderName.MaxForwards => Digits.TryParse(GetHeader(i).Value, out _) ? SipParseError.None : SipParseError.MaxForwards,
                SipHeaderName.Contact when GetHeader(i).Value.SequenceEqual("*"u8) => SipParseError.None,
                SipHeaderName.Contact => CheckAddresses(GetHeader(i).Value, SipParseError.Contact),
                SipHeaderName.Route => CheckAddresses(GetHeader(i).Value, SipParseError.Route),
                SipHeaderName.RecordRoute => CheckAddresses(GetHeader(i).Value, SipParseError.RecordRoute),
                _ => SipParseError.None,
            };
        return error;
    }

    private readonly SipParseError CheckRequestUri() =>
        SipUriView.Parse(RequestUri, out SipUriView uri) != SipParseError.None ? SipParseError.RequestUri
        : !uri.Headers.IsEmpty ? SipParseError.RequestUriHeaders
        : SipParseError.None;

    private readonly SipParseError CheckAddress(SipHeaderName name, SipParseError missing, SipParseError malformed) =>
        !TryFind(name, out SipHeaderView header) ? missing
        : NameAddressView.Parse(header.Value, out _) != SipParseError.None ? malformed
        : SipParseError.None;

    private readonly SipParseError CheckCallId() =>
        !TryFind(SipHeaderName.CallId, out SipHeaderView header) ? SipParseError.MissingCallId
        : header.Value.Length is 0 or > SipLimits.CallId || header.Value.ContainsAnyExceptInRange((byte)'!', (byte)'~') || header.Value.Contains((byte)',')
            ? SipParseError.CallId
            : SipParseError.None;

    private readonly SipParseError CheckCSeq()
    {
        if (!TryFind(SipHeaderName.CSeq, out SipHeaderView header))
            return SipParseError.MissingCSeq;
        SipParseError error = CSeq.Split(header.Value, out _, out ReadOnlySpan<byte> method);
        return error != SipParseError.None ? error
            : IsRequest && !method.SequenceEqual(MethodText) ? SipParseError.CSeqMismatch
            : SipParseError.None;
    }

    private static SipParseError CheckVia(ReadOnlySpan<byte> field)
    {
        SipValueReader values = new(field);
        while (values.TryRead(out ReadOnlySpan<byte> value))
            if (ViaView.Parse(value, out _) != SipParseError.None)
                return SipParseError.Via;
        return SipParseError.None;
    }

    private static SipParseError CheckAddresses(ReadOnlySpan<byte> field, SipParseError malformed)
    {
        SipValueReader values = new(field);
        while (values.TryRead(out ReadOnlySpan<byte> value))
            if (NameAddressView.Parse(value, out _) != SipParseError.None)
                return malformed;
        return SipParseError.None;
    }

    /// <summary>Remembers which of the fields that may stand once only were there.</summary>
    private struct SeenOnce
    {
        private UInt128 _seen;

        public SipParseError Add(SipHeaderName name)
        {
            SipParseError repeated = name switch
            {
                SipHeaderName.From => SipParseError.DuplicateFrom,
                SipHeaderName.To => SipParseError.DuplicateTo,
                SipHeaderName.CallId => SipParseError.DuplicateCallId,
                SipHeaderName.CSeq => SipParseError.DuplicateCSeq,
                SipHeaderName.MaxForwards => SipParseError.DuplicateMaxForwards,
                SipHeaderName.ContentLength => SipParseError.DuplicateContentLength,
                SipHeaderName.ContentType or SipHeaderName.ContentDisposition or SipHeaderName.Expires or SipHeaderName.MinExpires
                    or SipHeaderName.Event or SipHeaderName.SubscriptionState or SipHeaderName.ReferTo or SipHeaderName.Replaces
                    or SipHeaderName.RSeq or SipHeaderName.RAck or SipHeaderName.SessionExpires or SipHeaderName.MinSE
                    or SipHeaderName.MaxBreadth => SipParseError.DuplicateHeader,
                _ => SipParseError.None,
            };
            if (repeated == SipParseError.None)
                return SipParseError.None;
            UInt128 bit = UInt128.One << (int)name;
            bool before = (_seen & bit) != UInt128.Zero;
            _seen |= bit;
            return before ? repeated : SipParseError.None;
        }
    }
}
