namespace CloudPbx.Sdp;

/// <summary>One <c>a=</c> line (RFC 8866 §5.13): a flag (<c>a=recvonly</c>) or a name with a value (<c>a=ptime:20</c>).</summary>
/// <param name="Name">The name as written. Names are compared by octets: <c>rtpmap</c>, never <c>RtpMap</c>.</param>
/// <param name="Value">What follows the first colon, or <see langword="null"/> for a flag.</param>
public readonly record struct SdpAttribute(string Name, string? Value)
{
    /// <summary>The text behind <c>a=</c>.</summary>
    public override string ToString() => Value is null ? Name : $"{Name}:{Value}";
}
