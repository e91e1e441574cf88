using System.Buffers.Text;
using System.Text.Json;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Keys;

namespace CloudPbx.Api.Recordings;

/// <summary>Addresses under which a recording is heard without a token, for five minutes at most (S25): sealed, so that nobody makes or changes one.</summary>
/// <remarks>Thread-safe; singleton. Nothing is stored: when the recording is deleted, its links lead nowhere.</remarks>
internal sealed class RecordingLinks(PlatformSeal seal, TimeProvider time)
{
    public const int LeastSeconds = 10;
    public const int MostSeconds = 300;
    public const string Path = "/v1/recording-links/";

    private const string Place = "recording-link";

    /// <summary>Makes a link's last part.</summary>
    public (string Token, DateTime ExpiresAt) Make(TenantId tenant, RecordingId recording, string subject, int seconds)
    {
        DateTime expires = time.GetUtcNow().UtcDateTime.AddSeconds(seconds);
        byte[] clear = JsonSerializer.SerializeToUtf8Bytes(new Content(tenant.ToString(), recording.ToString(), subject, expires));
        return (Base64Url.EncodeToString(seal.Seal(Place, clear)), expires);
    }

    /// <summary>Reads a link's last part; null where it was not made here, or its time is over.</summary>
    public (TenantId Tenant, RecordingId Recording, string Subject)? Read(string token)
    {
        if (token.Length > 2048 || !Base64Url.IsValid(token))
            return null;
        if (seal.Open(Place, Base64Url.DecodeFromChars(token)) is not { } clear || JsonSerializer.Deserialize<Content>(clear) is not { } content || content.ExpiresAt < time.GetUtcNow().UtcDateTime)
            return null;
        return TenantId.TryParse(content.Tenant, out TenantId tenant) && RecordingId.TryParse(content.Recording, null, out RecordingId recording) ? (tenant, recording, content.Subject) : null;
    }

    private sealed record Content(string Tenant, string Recording, string Subject, DateTime ExpiresAt);
}
