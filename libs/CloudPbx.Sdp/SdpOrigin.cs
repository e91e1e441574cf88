using System.Text;

namespace CloudPbx.Sdp;

/// <summary>The <c>o=</c> line (RFC 8866 §5.2).</summary>
/// <param name="UserName">The user's name on the sending host, or <c>-</c>.</param>
/// <param name="SessionId">A number as text: peers send more digits than 64 bits hold.</param>
/// <param name="SessionVersion">A number as text; it rises with each change (RFC 3264 §8).</param>
/// <param name="Host">The sending host; informative only.</param>
public sealed record SdpOrigin(string UserName, string SessionId, string SessionVersion, string Host)
{
    internal static SdpOrigin? Parse(string value)
    {
        string[] parts = SdpParser.Fields(value);
        return parts.Length == 6 ? new SdpOrigin(parts[0], parts[1], parts[2], parts[5]) : null;
    }

    /// <summary>The text behind <c>o=</c>.</summary>
    public override string ToString() => $"{UserName} {SessionId} {SessionVersion} {SdpConnection.NetworkOf(Host)}{Host}";

    internal void Write(StringBuilder text) =>
        text.Append(UserName).Append(' ').Append(SessionId).Append(' ').Append(SessionVersion).Append(' ').Append(SdpConnection.NetworkOf(Host)).Append(Host);
}
