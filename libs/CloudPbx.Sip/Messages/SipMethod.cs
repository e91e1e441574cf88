using System.Text;

namespace CloudPbx.Sip.Messages;

/// <summary>A request method: a case-sensitive token (RFC 3261 §7.1, §25.1). The known ones share one string each.</summary>
public readonly struct SipMethod : IEquatable<SipMethod>
{
    /// <summary>The longest method that is accepted, in octets.</summary>
    public const int MaximumLength = 64;

    private readonly string? _name;

    private SipMethod(string name) => _name = name;

    /// <summary>INVITE (RFC 3261 §13).</summary>
    public static SipMethod Invite { get; } = new("INVITE");

    /// <summary>ACK (RFC 3261 §13).</summary>
    public static SipMethod Ack { get; } = new("ACK");

    /// <summary>BYE (RFC 3261 §15).</summary>
    public static SipMethod Bye { get; } = new("BYE");

    /// <summary>CANCEL (RFC 3261 §9).</summary>
    public static SipMethod Cancel { get; } = new("CANCEL");

    /// <summary>OPTIONS (RFC 3261 §11).</summary>
    public static SipMethod Options { get; } = new("OPTIONS");

    /// <summary>REGISTER (RFC 3261 §10).</summary>
    public static SipMethod Register { get; } = new("REGISTER");

    /// <summary>PRACK (RFC 3262).</summary>
    public static SipMethod Prack { get; } = new("PRACK");

    /// <summary>UPDATE (RFC 3311).</summary>
    public static SipMethod Update { get; } = new("UPDATE");

    /// <summary>INFO (RFC 6086).</summary>
    public static SipMethod Info { get; } = new("INFO");

    /// <summary>MESSAGE (RFC 3428).</summary>
    public static SipMethod Message { get; } = new("MESSAGE");

    /// <summary>REFER (RFC 3515).</summary>
    public static SipMethod Refer { get; } = new("REFER");

    /// <summary>SUBSCRIBE (RFC 6665).</summary>
    public static SipMethod Subscribe { get; } = new("SUBSCRIBE");

    /// <summary>NOTIFY (RFC 6665).</summary>
    public static SipMethod Notify { get; } = new("NOTIFY");

    /// <summary>PUBLISH (RFC 3903).</summary>
    public static SipMethod Publish { get; } = new("PUBLISH");

    private static readonly (byte[] Octets, SipMethod Method)[] s_known =
        [.. new[] { Invite, Ack, Bye, Cancel, Options, Register, Prack, Update, Info, Message, Refer, Subscribe, Notify, Publish }
            .Select(method => (Encoding.ASCII.GetBytes(method.Name), method))];

    /// <summary>The method as it is written, e.g. <c>INVITE</c>. Empty for <see langword="default"/>.</summary>
    public string Name => _name ?? "";

    /// <summary>Whether this is one of the methods named by this type. A request with another one gets 501 from an endpoint.</summary>
    public bool IsKnown
    {
        get
        {
            foreach ((_, SipMethod known) in s_known)
                if (ReferenceEquals(known._name, _name))
                    return true;
            return false;
        }
    }

    /// <summary>The method that these octets name. They must be a token of at most <see cref="MaximumLength"/> octets.</summary>
    /// <param name="octets">A token, as the parser has checked it.</param>
    /// <returns>A shared value for known methods; any other method costs a string.</returns>
    /// <exception cref="ArgumentException">The octets are no token: a bug of ours.</exception>
    public static SipMethod From(ReadOnlySpan<byte> octets)
    {
        foreach ((byte[] known, SipMethod method) in s_known)
            if (octets.SequenceEqual(known))
                return method;
        if (octets.Length > MaximumLength || !SipAscii.IsToken(octets))
            throw new ArgumentException("Not a SIP method.", nameof(octets));
        return new SipMethod(Encoding.ASCII.GetString(octets));
    }

    /// <summary>The method of this name.</summary>
    /// <exception cref="ArgumentException">The name is no token: a bug of ours.</exception>
    public static SipMethod From(string name) => From(Encoding.UTF8.GetBytes(name));

    /// <inheritdoc/>
    public bool Equals(SipMethod other) => string.Equals(_name, other._name, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SipMethod other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    /// <summary>Whether two methods are the same, octet for octet.</summary>
    public static bool operator ==(SipMethod left, SipMethod right) => left.Equals(right);

    /// <summary>Whether two methods differ.</summary>
    public static bool operator !=(SipMethod left, SipMethod right) => !left.Equals(right);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
