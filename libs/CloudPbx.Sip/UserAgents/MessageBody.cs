using System.Text;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.UserAgents;

/// <summary>A message's body with its type.</summary>
/// <param name="ContentType">The value of Content-Type.</param>
/// <param name="Octets">The body.</param>
public sealed record MessageBody(string ContentType, ReadOnlyMemory<byte> Octets)
{
    /// <summary>A session description.</summary>
    /// <param name="sdp">Its text.</param>
    /// <returns>A body of type <c>application/sdp</c>.</returns>
    public static MessageBody Sdp(string sdp) => new("application/sdp", Encoding.UTF8.GetBytes(sdp));

    /// <summary>The body of a message.</summary>
    /// <param name="message">Any message.</param>
    /// <returns>
    /// Its body, or <see langword="null"/> if it is empty; of one in several parts (RFC 5621 §3.1) the session description, if it has one: beside that gateways send ISUP or a
    /// place (I44). A missing Content-Type is read as SDP, which is what peers mean who forget it.
    /// </returns>
    public static MessageBody? Of(SipMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message.Body.IsEmpty)
            return null;
        string type = message.ContentType ?? "application/sdp";
        return MultipartBody.FindSdp(type, message.Body) ?? new(type, message.Body);
    }

    /// <summary>Gets whether the body is a session description.</summary>
    public bool IsSdp => ContentType.AsSpan().Trim().StartsWith("application/sdp", StringComparison.OrdinalIgnoreCase);

    /// <summary>Gets the body as text.</summary>
    public string Text => Encoding.UTF8.GetString(Octets.Span);
}
