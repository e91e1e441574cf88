using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CloudPbx.Api.Webhooks;

/// <summary>The header fields of a delivery, as Standard Webhooks has them: an identifier that stays the same, the instant of the attempt, and signatures of both with the body.</summary>
internal static class StandardWebhook
{
    public const string IdField = "webhook-id";
    public const string TimestampField = "webhook-timestamp";
    public const string SignatureField = "webhook-signature";

    /// <summary>Signs a delivery: <c>v1,BASE64</c> for each key, of HMAC-SHA256 over <c>id.timestamp.body</c>.</summary>
    /// <param name="id">The event's identifier, without a dot.</param>
    /// <param name="at">The instant of the attempt.</param>
    /// <param name="body">The body.</param>
    /// <param name="keys">The keys, the present one first.</param>
    public static string Sign(string id, DateTimeOffset at, string body, IEnumerable<byte[]> keys)
    {
        byte[] signed = Encoding.UTF8.GetBytes($"{id}.{Timestamp(at)}.{body}");
        return string.Join(' ', keys.Select(key => $"v1,{Convert.ToBase64String(HMACSHA256.HashData(key, signed))}"));
    }

    /// <summary>The instant as it is written: seconds since 1970.</summary>
    public static string Timestamp(DateTimeOffset at) => at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
}
