using System.Security.Cryptography;
using System.Text;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.UserAgents;

/// <summary>A message's body with its type.</summary>
/// <param name="ContentType">The value of Content-Type.</param>
/// <param name="Octets">The body.</param>
public sealed record MessageBody(string ContentType, ReadOnlyMemory<byte> Octets)
{
    /// <summary>What names it from elsewhere in the message, without brackets, where it is a part of a body and has a name (RFC 2392).</summary>
    public string? ContentId { get; init; }

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
        return MultipartBody.Parts(type, message.Body).FirstOrDefault(part => part.IsSdp) ?? new(type, message.Body);
    }

    /// <summary>The parts of a message's body that is one in several parts (RFC 5621 §3.1).</summary>
    /// <param name="message">Any message.</param>
    /// <returns>Those that are whole, sixteen at most; none where it is a body of another kind.</returns>
    public static IEnumerable<MessageBody> PartsOf(SipMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return MultipartBody.Parts(message.ContentType ?? "", message.Body);
    }

    /// <summary>Bodies as one in several parts, <c>multipart/mixed</c> (RFC 5621 §3.1).</summary>
    /// <param name="parts">The parts, in their order.</param>
    /// <returns>One body. The boundary is random and as good as certain to occur in none.</returns>
    public static MessageBody Mixed(params IReadOnlyList<MessageBody> parts) => MultipartBody.Join(parts, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12)));

    /// <summary>Gets whether the body is a session description.</summary>
    public bool IsSdp => ContentType.AsSpan().Trim().StartsWith("application/sdp", StringComparison.OrdinalIgnoreCase);

    /// <summary>Gets the body as text.</summary>
    public string Text => Encoding.UTF8.GetString(Octets.Span);
}
