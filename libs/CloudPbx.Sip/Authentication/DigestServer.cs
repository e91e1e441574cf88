using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using CloudPbx.Net.Memory;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Authentication;

/// <summary>Challenges requests and verifies their credentials (RFC 3261 §22, RFC 7616, RFC 8760) with stateless nonces.</summary>
/// <remarks>
/// Nonces are <see cref="DigestNonces"/>: whoever has the key can check one that another made, be it a worker or an edge. What a worker remembers is which nonce counts were used: each is good once, within a window of 64 below the highest. A nonce that was born before
/// this object, or before the oldest that it still remembers, and that it does not know, is stale: so neither a move of the tenant nor a full table opens a door to
/// replays. A response without qop has no count and counts as the first. Used on one owner's thread.
/// </remarks>
public sealed class DigestServer
{
    private const int Window = 64;
    private readonly DigestServerOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly Func<DigestNonces> _made;
    private readonly DigestHash _hash = new();
    private readonly DigestSecret _dummy;
    // Values only: tens of thousands of objects that live for minutes are what collections would spend their time on.
    private readonly Dictionary<UInt128, NonceUse> _nonces = [];
    private readonly Queue<(UInt128 Nonce, long Born)> _order = new();
    private readonly Action<Span<byte>> _fill;
    private long _floor;                                 // an unknown nonce born before this is stale

    /// <summary>Creates a server with a key of its own.</summary>
    /// <param name="key">The key of the nonces, at least 16 octets; shared by all who may see each other's nonces.</param>
    /// <param name="options">Life of a nonce, size of the table.</param>
    /// <param name="timeProvider">The clock; wall time, since workers compare it.</param>
    /// <param name="fill">The source of randomness; <see langword="null"/> for the operating system's.</param>
    public DigestServer(ReadOnlySpan<byte> key, DigestServerOptions options, TimeProvider timeProvider, Action<Span<byte>>? fill = null)
        : this(Always(new DigestNonces(key)), options, timeProvider, fill)
    {
    }

    /// <summary>Creates a server.</summary>
    /// <param name="nonces">Makes the nonces; may become another, then those of before are stale.</param>
    /// <param name="options">Life of a nonce, size of the table.</param>
    /// <param name="timeProvider">The clock; wall time, since workers compare it.</param>
    /// <param name="fill">The source of randomness; <see langword="null"/> for the operating system's.</param>
    public DigestServer(Func<DigestNonces> nonces, DigestServerOptions options, TimeProvider timeProvider, Action<Span<byte>>? fill = null)
    {
        ArgumentNullException.ThrowIfNull(nonces);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(timeProvider);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.NonceLifetime, TimeSpan.FromSeconds(300), nameof(options));
        _made = nonces;
        _options = options;
        _timeProvider = timeProvider;
        _fill = fill ?? RandomOctets.Fill;
        _floor = Now();
        byte[] password = new byte[16];
        _fill(password);
        _dummy = DigestSecret.FromPassword(Convert.ToHexStringLower(password));
    }

    /// <summary>Gets how many hash operations were done. A request of an unknown user costs as many as one with a wrong password; a test compares.</summary>
    public long HashOperations => _hash.Operations;

    /// <summary>Gets how long the peer of the last <see cref="Verify"/> took from our challenge to its answer; <see langword="null"/> where that answered no new nonce.</summary>
    /// <remarks>The way there and back, and what the peer needs for a hash; and where an edge made the nonce, what its clock and this one differ by.</remarks>
    public TimeSpan? AnsweredAfter { get; private set; }

    /// <summary>Gets how many nonces are remembered.</summary>
    public int NonceCount => _nonces.Count;

    /// <summary>Finds the digest credentials of a realm in a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="realm">The realm, compared octet by octet.</param>
    /// <param name="proxy">Whether to look at Proxy-Authorization instead of Authorization.</param>
    /// <returns>The first credentials of that realm, or <see langword="null"/>.</returns>
    public static DigestCredentials? FindCredentials(SipRequest request, string realm, bool proxy = false)
    {
        ArgumentNullException.ThrowIfNull(request);
        foreach (string field in request.Headers.GetAll(proxy ? SipHeaderName.ProxyAuthorization : SipHeaderName.Authorization))
        {
            if (DigestCredentials.TryParse(field, out DigestCredentials? credentials) && credentials.Realm == realm)
                return credentials;
        }
        return null;
    }

    /// <summary>Adds challenges to a 401 or 407.</summary>
    /// <param name="response">The response.</param>
    /// <param name="realm">The realm.</param>
    /// <param name="stale">Whether only the nonce was refused (<see cref="DigestVerdict.Stale"/>).</param>
    /// <param name="offerSha256">Whether to offer SHA-256 too, first (RFC 8760 §2.3). Only to devices known to cope: GNOME Calls and baresip give up at the sight of it.</param>
    /// <param name="peer">Whom the nonce is for: it is stale from anybody else.</param>
    public void Challenge(SipResponse response, string realm, bool stale = false, bool offerSha256 = false, UInt128 peer = default)
    {
        ArgumentNullException.ThrowIfNull(response);
        SipHeaderName name = response.StatusCode == 407 ? SipHeaderName.ProxyAuthenticate : SipHeaderName.WwwAuthenticate;
        DigestChallenge md5 = new() { Realm = realm, Nonce = NewNonce(realm, peer), Stale = stale, Algorithm = DigestAlgorithm.Md5 };
        if (offerSha256)
            response.Headers.Add(name, (md5 with { Algorithm = DigestAlgorithm.Sha256 }).ToString());
        response.Headers.Add(name, md5.ToString());
    }

    /// <summary>Verifies credentials. The time it takes does not tell a known user from an unknown one.</summary>
    /// <param name="request">The request they came in.</param>
    /// <param name="credentials">The credentials, of <see cref="FindCredentials"/>.</param>
    /// <param name="realm">Our realm.</param>
    /// <param name="secret">The user's secret; <see langword="null"/> for an unknown user, who is verified against a random one.</param>
    /// <param name="peer">Who sent it, as the nonce was given out.</param>
    /// <returns>
    /// The verdict; after <see cref="DigestVerdict.Accepted"/> the same credentials are stale. A nonce that is not ours, too old or somebody else's is stale whatever
    /// the password: so a guess is refused as one only where its sender got our challenge, and nobody guesses, or has others blamed for it, from a forged address.
    /// </returns>
    public DigestVerdict Verify(SipRequest request, DigestCredentials credentials, string realm, DigestSecret? secret, UInt128 peer = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(credentials);
        AnsweredAfter = null;
        if (!IsYoung(credentials.Nonce, realm, peer, out long born, out UInt128 nonce))
            return DigestVerdict.Stale;
        if (credentials.Algorithm == DigestAlgorithm.Unknown || credentials.Realm != realm || credentials.Qop is not (null or "auth"))
            return DigestVerdict.Refused;
        string userHash = (secret ?? _dummy).UserHash(_hash, credentials.Algorithm, credentials.Username, realm)
            ?? _dummy.UserHash(_hash, credentials.Algorithm, credentials.Username, realm)!;
        string expected = _hash.Response(
            credentials.Algorithm, userHash, credentials.Nonce, credentials.NonceCount, credentials.Cnonce, credentials.Qop, request.Method.Name, credentials.Uri);
        bool knows = CryptographicOperations.FixedTimeEquals(
            MemoryMarshal.AsBytes(expected.AsSpan()), MemoryMarshal.AsBytes(credentials.Response.ToLowerInvariant().AsSpan()));
        bool fits = !_options.CompareUri || DigestUri.Fits(credentials.Uri, request.RequestUri);
        if (!knows || !fits || secret is null)
            return DigestVerdict.Refused;
        return UseNonce(nonce, credentials, born) ? DigestVerdict.Accepted : DigestVerdict.Stale;
    }

    /// <summary>Whether credentials answer a nonce that we gave this peer not long ago; others are stale whatever the password. Costs one short hash, and uses nothing up.</summary>
    /// <param name="credentials">The credentials.</param>
    /// <param name="realm">Our realm.</param>
    /// <param name="peer">Who sent them, as the nonce was given out.</param>
    public bool IsYoung(DigestCredentials credentials, string realm, UInt128 peer = default)
    {
        ArgumentNullException.ThrowIfNull(credentials);
        return IsYoung(credentials.Nonce, realm, peer, out _, out _);
    }

    /// <summary>Makes a nonce.</summary>
    /// <param name="realm">The realm that it is for.</param>
    /// <param name="peer">Whom it is for.</param>
    /// <returns>Base64url text.</returns>
    public string NewNonce(string realm, UInt128 peer = default)
    {
        Span<byte> text = stackalloc byte[DigestNonces.TextLength];
        _made().Write(Now(), Encoding.UTF8.GetBytes(realm), peer, _fill, text);
        return Encoding.ASCII.GetString(text);
    }

    private static Func<DigestNonces> Always(DigestNonces nonces) => () => nonces;

    private long Now() => _timeProvider.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Whether the nonce is one that we gave this peer not long ago.</summary>
    private bool IsYoung(string nonce, string realm, UInt128 peer, out long born, out UInt128 id)
    {
        if (!_made().TryRead(nonce, Encoding.UTF8.GetBytes(realm), peer, out born, out id))
            return false;
        long age = Now() - born;
        return age <= _options.NonceLifetime.TotalMilliseconds && age >= -5_000;             // 5 s: other workers' clocks
    }

    /// <summary>Whether this count of a young nonce was not used before; it is now.</summary>
    private bool UseNonce(UInt128 nonce, DigestCredentials credentials, long born)
    {
        uint? count = credentials.Qop is null ? 1 : credentials.NonceCountValue;
        if (count is not > 0)
            return false;
        ref NonceUse use = ref CollectionsMarshal.GetValueRefOrNullRef(_nonces, nonce);
        if (!Unsafe.IsNullRef(ref use))
            return use.TryUse(count.Value);
        if (born < _floor || count != 1)
            return false;                                // known elsewhere, or forgotten here
        long now = Now();
        Remember(nonce, born, now);
        AnsweredAfter = TimeSpan.FromMilliseconds(Math.Max(0, now - born));
        return true;
    }

    private void Remember(UInt128 nonce, long born, long now)
    {
        while (_order.TryPeek(out (UInt128 Nonce, long Born) oldest)
            && (_nonces.Count >= _options.MaximumNonces || now - oldest.Born > _options.NonceLifetime.TotalMilliseconds))
        {
            _order.Dequeue();
            _nonces.Remove(oldest.Nonce);
            _floor = Math.Max(_floor, oldest.Born + 1);
        }
        _nonces[nonce] = new NonceUse(1, 1);
        _order.Enqueue((nonce, born));
    }

    /// <summary>The counts of one nonce that were used: the highest, and which of the 63 below it (bit 0 is the highest).</summary>
    private record struct NonceUse(uint Highest, ulong Used)
    {
        public bool TryUse(uint count)
        {
            if (count > Highest)
            {
                uint shift = count - Highest;
                Used = shift >= Window ? 1 : (Used << (int)shift) | 1;
                Highest = count;
                return true;
            }
            uint behind = Highest - count;
            if (behind >= Window || (Used & (1UL << (int)behind)) != 0)
                return false;
            Used |= 1UL << (int)behind;
            return true;
        }
    }
}
