using System.Security.Cryptography;
using System.Text.Json;
using CloudPbx.State;
using CloudPbx.State.PortalSessions;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace CloudPbx.Portal.SignIn;

/// <summary>The sessions of signed-in browsers, sealed in Redis.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class PortalSessions(PortalSessionStore store, IDataProtectionProvider protection, IOptions<PortalOptions> options)
{
    private readonly IDataProtector _seal = protection.CreateProtector("CloudPbx.Portal.Sessions");
    private readonly TimeSpan _life = TimeSpan.FromHours(options.Value.SessionHours);

    /// <summary>Begins a session.</summary>
    /// <returns>Its identifier, or <see langword="null"/> where the live state is away.</returns>
    public async Task<string?> BeginAsync(PortalSession session, CancellationToken cancel)
    {
        string id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        return await SaveAsync(id, session, cancel) ? id : null;
    }

    /// <summary>Reads a session.</summary>
    /// <returns>Whether the live state answered, and the session, <see langword="null"/> where it has ended.</returns>
    public async Task<(bool Answered, PortalSession? Session)> FindAsync(string id, CancellationToken cancel)
    {
        (StoreOutcome outcome, byte[]? octets) = await store.GetAsync(id, cancel);
        if (octets is null)
            return (outcome == StoreOutcome.Done, null);
        try
        {
            return (true, JsonSerializer.Deserialize<PortalSession>(_seal.Unprotect(octets)));
        }
        catch (Exception fault) when (fault is CryptographicException or JsonException)
        {
            return (true, null);            // sealed with keys that are gone
        }
    }

    /// <summary>Writes a session; its life begins anew.</summary>
    public async Task<bool> SaveAsync(string id, PortalSession session, CancellationToken cancel) =>
        await store.PutAsync(id, _seal.Protect(JsonSerializer.SerializeToUtf8Bytes(session)), _life, cancel, session.SignIn) == StoreOutcome.Done;

    /// <summary>Ends a session.</summary>
    public Task EndAsync(string id, CancellationToken cancel) => store.RemoveAsync(id, cancel);
}
