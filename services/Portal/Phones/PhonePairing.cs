using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace CloudPbx.Portal.Phones;

/// <summary>Accounts that wait for a phone to fetch them: a QR code leads there. Each is given out once, soon, and lies in memory only.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class PhonePairing(TimeProvider time)
{
    /// <summary>How long a code is good.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, (PhoneAccount Account, DateTimeOffset Until)> _waiting = new(StringComparer.Ordinal);

    /// <summary>Lets an account wait for its phone.</summary>
    /// <param name="account">What the phone gets.</param>
    /// <returns>A code that nobody guesses. It is no password: it ends with its first use.</returns>
    public string Offer(PhoneAccount account)
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach ((string old, (_, DateTimeOffset until)) in _waiting)
        {
            if (until < now)
                _waiting.TryRemove(old, out _);
        }
        string code = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        _waiting[code] = (account, now + Life);
        return code;
    }

    /// <summary>Gives an account to its phone.</summary>
    /// <param name="code">The code.</param>
    /// <returns>The account, or <see langword="null"/>: no such code, or it was used, or it is too old.</returns>
    public PhoneAccount? Take(string code) => _waiting.TryRemove(code, out var found) && found.Until >= time.GetUtcNow() ? found.Account : null;
}
