using System.Collections.Concurrent;
using CloudPbx.Data.Clients;

namespace CloudPbx.Api.Access;

/// <summary>Whether a token was revoked, asked of the database once in a few seconds for each token.</summary>
/// <remarks>Thread-safe; singleton.</remarks>
internal sealed class TokenStatus(IssuedTokens tokens, TimeProvider time)
{
    private static readonly TimeSpan s_kept = TimeSpan.FromSeconds(5);
    private const int MostKept = 50_000;

    private readonly ConcurrentDictionary<Guid, (bool Valid, long At)> _known = new();

    /// <summary>Says whether a token is still good.</summary>
    /// <param name="token">Its identifier.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<bool> IsValidAsync(Guid token, CancellationToken cancel)
    {
        if (_known.TryGetValue(token, out (bool Valid, long At) known) && time.GetElapsedTime(known.At) < s_kept)
            return known.Valid;
        bool valid = await tokens.IsValidAsync(token, cancel);
        if (_known.Count > MostKept)
            _known.Clear();
        _known[token] = (valid, time.GetTimestamp());
        return valid;
    }
}
