namespace CloudPbx.Sip.Messages;

/// <summary>One Via value seen in place (RFC 3261 §20.42). Allocates nothing.</summary>
public readonly ref struct ViaView
{
    private readonly ReadOnlySpan<byte> _parameters;

    private ViaView(ReadOnlySpan<byte> transport, ReadOnlySpan<byte> host, int port, ReadOnlySpan<byte> parameters)
    {
        Transport = transport;
        Host = host;
        Port = port;
        _parameters = parameters;
    }

    /// <summary>The transport token, e.g. <c>UDP</c>.</summary>
    public ReadOnlySpan<byte> Transport { get; }

    /// <summary>The sent-by host, an IPv6 address in its brackets.</summary>
    public ReadOnlySpan<byte> Host { get; }

    /// <summary>The sent-by port, or −1.</summary>
    public int Port { get; }

    /// <summary>The branch; empty if there is none.</summary>
    public ReadOnlySpan<byte> Branch => TryGetParameter("branch"u8, out ReadOnlySpan<byte> branch) ? branch : default;

    /// <summary>Whether there is an rport parameter, with or without a value (RFC 3581 §3).</summary>
    public bool HasRPort => TryGetParameter("rport"u8, out _);

    /// <summary>The parameters.</summary>
    public SipParameterReader Parameters => SipParameterReader.OfField(_parameters);

    /// <summary>The value of a parameter as it is written; names are compared without regard to case.</summary>
    public bool TryGetParameter(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value) => Parameters.TryFind(name, out value);

    /// <summary>Parses one value; a field with several is split by <see cref="SipValueReader"/> before.</summary>
    /// <param name="value">One value.</param>
    /// <param name="via">The value; with a faulty parameter still transport and sent-by.</param>
    /// <returns>Why it was refused, or <see cref="SipParseError.None"/>. Never throws.</returns>
    public static SipParseError Parse(ReadOnlySpan<byte> value, out ViaView via)
    {
        via = default;
        ReadOnlySpan<byte> rest = value.Trim(SipAscii.Lws);
        if (!SipAscii.EqualsIgnoreCase(TakeToken(ref rest), "SIP"u8) || !TakeSeparator(ref rest, (byte)'/')
            || TakeToken(ref rest).IsEmpty || !TakeSeparator(ref rest, (byte)'/'))
            return SipParseError.Via;
        ReadOnlySpan<byte> transport = TakeToken(ref rest);
        int before = rest.Length;
        rest = rest.TrimStart(SipAscii.Lws);
        if (transport.IsEmpty || rest.Length == before)
            return SipParseError.Via;                           // §25.1: LWS before sent-by is mandatory
        SipParseError error = SipHost.Take(ref rest, out ReadOnlySpan<byte> host);
        if (error != SipParseError.None)
            return error;
        int port = -1;
        if (TakeSeparator(ref rest, (byte)':'))
        {
            int end = rest.IndexOfAnyExceptInRange((byte)'0', (byte)'9') is int next and >= 0 ? next : rest.Length;
            error = SipHost.ReadPort(rest[..end], out port);
            if (error != SipParseError.None)
                return error;
            rest = rest[end..];
        }
        via = new ViaView(transport, host, port, rest);
        return via.Parameters.FindFault();
    }

    private static ReadOnlySpan<byte> TakeToken(scoped ref ReadOnlySpan<byte> rest)
    {
        int length = SipAscii.TokenLength(rest);
        ReadOnlySpan<byte> token = rest[..length];
        rest = rest[length..];
        return token;
    }

    // SLASH and COLON may have white space on both sides (RFC 4475 §3.1.1.1).
    private static bool TakeSeparator(scoped ref ReadOnlySpan<byte> rest, byte separator)
    {
        ReadOnlySpan<byte> trimmed = rest.TrimStart(SipAscii.Lws);
        if (trimmed.IsEmpty || trimmed[0] != separator)
            return false;
        rest = trimmed[1..].TrimStart(SipAscii.Lws);
        return true;
    }
}
