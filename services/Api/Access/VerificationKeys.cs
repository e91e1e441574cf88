using CloudPbx.Data.Keys;
using Microsoft.IdentityModel.Tokens;

namespace CloudPbx.Api.Access;

/// <summary>The public halves of Identity's signing keys, from the database that both share; read again when a token names a key that is not among them.</summary>
/// <remarks>Thread-safe; singleton.</remarks>
internal sealed class VerificationKeys(GlobalKeyStore store, TimeProvider time)
{
    /// <summary>Tokens with invented keys must not make us ask the database each time.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();                                // readers take a snapshot; this is for those who replace it
    private volatile Dictionary<string, JsonWebKey> _keys = [];
    private long? _readAt;

    /// <summary>Finds a key.</summary>
    /// <param name="id">The token's <c>kid</c>; nothing but a name in our own list, never a path or an address.</param>
    public JsonWebKey? Find(string? id)
    {
        if (id is null)
            return null;
        if (_keys.TryGetValue(id, out JsonWebKey? key))
            return key;
        lock (_gate)
        {
            if (_readAt is { } at && time.GetElapsedTime(at) < s_pause)
                return _keys.GetValueOrDefault(id);
            _keys = store.LoadPublic(GlobalKeyStore.Signing).Select(json => new JsonWebKey(json)).ToDictionary(k => k.Kid, StringComparer.Ordinal);
            _readAt = time.GetTimestamp();
        }
        return _keys.GetValueOrDefault(id);
    }
}
