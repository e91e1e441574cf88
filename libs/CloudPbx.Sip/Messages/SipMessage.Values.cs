using CloudPbx.Net.Text;

namespace CloudPbx.Sip.Messages;

// The typed views: parsed when asked for, kept until their field changes.
public abstract partial class SipMessage
{
    private IReadOnlyList<Via>? _vias;
    private Via? _topVia;
    private NameAddress? _from;
    private NameAddress? _to;
    private string? _callId;
    private CSeq? _cseq;
    private IReadOnlyList<NameAddress>? _contacts;
    private IReadOnlyList<NameAddress>? _routes;
    private IReadOnlyList<NameAddress>? _recordRoutes;

    /// <summary>The first Via: of a response to us our own, of a request its last sender's.</summary>
    public Via TopVia => _topVia ??= ReadTopVia();

    /// <summary>All Via values, top first.</summary>
    public IReadOnlyList<Via> Vias => _vias ??= ReadVias();

    /// <summary>From (RFC 3261 §20.20).</summary>
    public NameAddress From => _from ??= ReadAddress(SipHeaderName.From);

    /// <summary>To (RFC 3261 §20.39).</summary>
    public NameAddress To => _to ??= ReadAddress(SipHeaderName.To);

    /// <summary>Call-ID: compared octet for octet (RFC 3261 §20.8).</summary>
    public string CallId => _callId ??= Headers.Get(SipHeaderName.CallId) ?? throw Unusable(SipHeaderName.CallId);

    /// <summary>CSeq (RFC 3261 §20.16).</summary>
    public CSeq CSeq => _cseq ??= ReadCSeq();

    /// <summary>
    /// Max-Forwards, or <see langword="null"/> if absent (RFC 2543 peers, Gnome Calls' probe); overlarge values are given as they are,
    /// at most <see cref="int.MaxValue"/>.
    /// </summary>
    public int? MaxForwards => ReadNumber(SipHeaderName.MaxForwards) is { } hops ? (int)Math.Min(hops, int.MaxValue) : null;

    /// <summary>Max-Breadth (RFC 5393 §5.3.3.1); <see langword="null"/> if absent or malformed.</summary>
    public uint? MaxBreadth => ReadNumber(SipHeaderName.MaxBreadth);

    /// <summary>Expires in seconds, 2³²−1 for larger numbers; <see langword="null"/> if absent or malformed (RFC 3261 §20.19).</summary>
    public uint? Expires => ReadNumber(SipHeaderName.Expires);

    /// <summary>Retry-After in seconds, without its comment and parameters (RFC 3261 §20.33); <see langword="null"/> if absent or malformed.</summary>
    public uint? RetryAfter => ReadLeadingNumber(SipHeaderName.RetryAfter);

    /// <summary>Session-Expires (RFC 4028 §4); <see langword="null"/> if absent or malformed.</summary>
    public SessionExpires? SessionExpires =>
        Headers.Find(SipHeaderName.SessionExpires) is { } line && Messages.SessionExpires.TryParse(line.Octets, out SessionExpires value) ? value : null;

    /// <summary>Min-SE in seconds, without parameters (RFC 4028 §5); <see langword="null"/> if absent or malformed.</summary>
    public uint? MinSE => ReadLeadingNumber(SipHeaderName.MinSE);

    /// <summary>RSeq of a reliable provisional response (RFC 3262 §7.1); <see langword="null"/> if absent or malformed.</summary>
    public uint? RSeq => ReadNumber(SipHeaderName.RSeq);

    /// <summary>RAck of a PRACK (RFC 3262 §7.2); <see langword="null"/> if absent or malformed.</summary>
    public RAck? RAck => Headers.Find(SipHeaderName.RAck) is { } line && Messages.RAck.TryParse(line.Octets, out RAck rack) ? rack : null;

    /// <summary>The Contact values in order; empty for none and for <c>*</c>.</summary>
    public IReadOnlyList<NameAddress> Contacts => _contacts ??= HasStarContact ? [] : ReadAddresses(SipHeaderName.Contact);

    /// <summary>Whether the message has the value <c>Contact: *</c> (RFC 3261 §10.2.2).</summary>
    public bool HasStarContact
    {
        get
        {
            for (int place = 0; Headers.FindNext(SipHeaderName.Contact, ref place) is { } contact;)
                if (contact.Octets.SequenceEqual("*"u8))
                    return true;
            return false;
        }
    }

    /// <summary>The Route values, first hop first.</summary>
    public IReadOnlyList<NameAddress> Routes => _routes ??= ReadAddresses(SipHeaderName.Route);

    /// <summary>The Record-Route values, top first.</summary>
    public IReadOnlyList<NameAddress> RecordRoutes => _recordRoutes ??= ReadAddresses(SipHeaderName.RecordRoute);

    /// <summary>Whether Supported names this option tag.</summary>
    public bool Supports(string optionTag) => HasToken(SipHeaderName.Supported, optionTag);

    /// <summary>Whether Require names this option tag.</summary>
    public bool Requires(string optionTag) => HasToken(SipHeaderName.Require, optionTag);

    /// <summary>Whether a list field (Supported, Require, Allow …) has this token, without regard to case.</summary>
    public bool HasToken(SipHeaderName name, string token) => Headers.GetValues(name).Contains(token, StringComparer.OrdinalIgnoreCase);

    /// <summary>Drops the kept view of a field that was changed.</summary>
    internal void Forget(SipHeaderName name)
    {
        switch (name)
        {
            case SipHeaderName.Via: (_vias, _topVia) = (null, null); break;
            case SipHeaderName.From: _from = null; break;
            case SipHeaderName.To: _to = null; break;
            case SipHeaderName.CallId: _callId = null; break;
            case SipHeaderName.CSeq: _cseq = null; break;
            case SipHeaderName.Contact: _contacts = null; break;
            case SipHeaderName.Route: _routes = null; break;
            case SipHeaderName.RecordRoute: _recordRoutes = null; break;
        }
    }

    private static InvalidOperationException Unusable(SipHeaderName name) => new($"The message has no well-formed {name.ToText()}.");

    private CSeq ReadCSeq() =>
        Headers.Find(SipHeaderName.CSeq) is { } field && CSeq.Parse(field.Octets, out CSeq cseq) == SipParseError.None
            ? cseq
            : throw Unusable(SipHeaderName.CSeq);

    private NameAddress ReadAddress(SipHeaderName name) =>
        Headers.Find(name) is { } field && NameAddress.Parse(field.Octets, out NameAddress? address) == SipParseError.None
            ? address!
            : throw Unusable(name);

    private List<NameAddress> ReadAddresses(SipHeaderName name)
    {
        List<NameAddress> addresses = [];
        for (int place = 0; Headers.FindNext(name, ref place) is { } field;)
        {
            SipValueReader values = new(field.Octets);
            while (values.TryRead(out ReadOnlySpan<byte> value))
                addresses.Add(NameAddress.Parse(value, out NameAddress? address) == SipParseError.None ? address! : throw Unusable(name));
        }
        return addresses;
    }

    // The others are read by who asks for them: behind an edge each request has two.
    private Via ReadTopVia()
    {
        if (Headers.Find(SipHeaderName.Via) is not { } field)
            throw Unusable(SipHeaderName.Via);
        SipValueReader values = new(field.Octets);
        _ = values.TryRead(out ReadOnlySpan<byte> value);
        _ = Via.Parse(value, out Via? via);
        return via ?? throw Unusable(SipHeaderName.Via);
    }

    // A top Via with a faulty parameter is still read: the 400 to it needs the sent-by.
    private List<Via> ReadVias()
    {
        List<Via> vias = [];
        for (int place = 0; Headers.FindNext(SipHeaderName.Via, ref place) is { } field;)
        {
            SipValueReader values = new(field.Octets);
            while (values.TryRead(out ReadOnlySpan<byte> value))
            {
                SipParseError error = Via.Parse(value, out Via? via);
                if (via is null || (error != SipParseError.None && vias.Count > 0))
                    return vias.Count > 0 ? vias : throw Unusable(SipHeaderName.Via);
                vias.Add(via);
            }
        }
        return vias;
    }

    private uint? ReadNumber(SipHeaderName name) => Headers.Find(name) is { } field && Digits.TryParse(field.Octets, out uint number) ? number : null;

    private uint? ReadLeadingNumber(SipHeaderName name)
    {
        ReadOnlySpan<byte> value = Headers.Find(name) is { } line ? line.Octets.Trim(SipAscii.Lws) : [];
        int end = value.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return Digits.TryParse(end < 0 ? value : value[..end], out uint number) ? number : null;
    }
}
