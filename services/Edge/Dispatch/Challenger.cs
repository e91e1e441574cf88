using System.Collections.Concurrent;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Authentication;
using CloudPbx.Sip.Messages;
using CloudPbx.State.Bans;

namespace CloudPbx.Edge.Dispatch;

/// <summary>
/// Challenges REGISTERs that bring no credentials, in the worker's stead (RFC 3261 §10.3 step 3), and the INVITEs of phones (§22.3): half of what registering costs,
/// all of what strangers send, and a third of a call's messages from its caller end at the edge. The worker knows the nonces for its own and looks at credentials alone.
/// </summary>
/// <remarks>
/// Only where nothing but the nonce would be the worker's: the domain says the realm, and no device of the tenant is offered SHA-256. And only where the tenant is
/// known to be awake: an owner trusts no nonce that was born before it had the tenant, since another owner may have seen it used, so a first phone would be asked
/// twice. Thread-safe; allocates nothing for a message.
/// </remarks>
internal sealed class Challenger(TimeProvider time)
{
    /// <summary>Octets that suffice for a challenge.</summary>
    public const int LongestField = 512;

    private const int LongestRealm = 255;

    // Less than a tenant without phones and calls stays awake; where one moves in between, its phones are told that the nonce is stale, as ever.
    private static readonly TimeSpan s_awake = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<Guid, long> _authenticated = new();

    /// <summary>A worker let somebody of a tenant in.</summary>
    public void Authenticated(Guid tenant)
    {
        long now = time.GetTimestamp();
        if (!_authenticated.TryGetValue(tenant, out long before) || time.GetElapsedTime(before, now) > s_again)
            _authenticated[tenant] = now;
    }

    /// <summary>Forgets tenants that are no more.</summary>
    public void KeepOnly(DirectoryIndex directory)
    {
        foreach ((Guid tenant, _) in _authenticated)
            if (!directory.Knows(tenant))
                _authenticated.TryRemove(tenant, out _);
    }

    /// <summary>Whether a request is to be challenged here.</summary>
    /// <param name="request">A request without fault.</param>
    /// <param name="directory">The directory.</param>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="isPhone">Whether a phone of that tenant's is known to be where it came from: an INVITE of anybody else may be a carrier's, whose addresses the worker knows best.</param>
    /// <param name="realm">The tenant's domain, as the phone asked for it.</param>
    public bool MayChallenge(in SipMessageView request, DirectoryIndex directory, Guid tenant, bool isPhone, out ReadOnlySpan<byte> realm)
    {
        realm = default;
        bool isRegister = IsRegister(request);
        return (isRegister || (isPhone && request.MethodText.SequenceEqual("INVITE"u8)))
            && request.IndexOf(SipHeaderName.Authorization) < 0 && request.IndexOf(SipHeaderName.ProxyAuthorization) < 0
            && request.IndexOf(SipHeaderName.Require) < 0 && request.IndexOf(SipHeaderName.ProxyRequire) < 0       // 420 is the worker's to say
            && request.TryFind(isRegister ? SipHeaderName.To : SipHeaderName.From, out SipHeaderView asker) && NameAddressView.Parse(asker.Value, out NameAddressView address) == SipParseError.None
            && directory.TryFindDomain(address.Uri.Host, out Guid owner, out realm) && owner == tenant && realm.Length == address.Uri.Host.Length
            && realm.Length <= LongestRealm && !directory.UsesSha256(tenant) && !CopesWithSha256(request)
            && _authenticated.TryGetValue(tenant, out long before) && time.GetElapsedTime(before) < s_awake;
    }

    /// <summary>The answer that carries the challenge: 401 for REGISTER, which goes to a registrar, else 407 (RFC 3261 §22.2, §22.3).</summary>
    public static (int Status, string Reason) AnswerTo(in SipMessageView request) => IsRegister(request) ? (401, "Unauthorized") : (407, "Proxy Authentication Required");

    /// <summary>Writes the challenge.</summary>
    /// <param name="request">What is challenged.</param>
    /// <param name="nonces">Makes the nonce.</param>
    /// <param name="realm">The realm.</param>
    /// <param name="peer">Whom it is for.</param>
    /// <param name="field">Takes the header field; <see cref="LongestField"/> octets suffice.</param>
    /// <returns>The octets written.</returns>
    public int Write(in SipMessageView request, DigestNonces nonces, ReadOnlySpan<byte> realm, in InternetEndPoint peer, Span<byte> field)
    {
        Span<byte> nonce = stackalloc byte[DigestNonces.TextLength];
        nonces.Write(time.GetUtcNow().ToUnixTimeMilliseconds(), realm, new BanSource(peer.Bits, peer.IsIPv6).Bits, fill: null, nonce);
        int length = 0;
        Append(field, IsRegister(request) ? "WWW-Authenticate"u8 : "Proxy-Authenticate"u8, ref length);
        Append(field, ": Digest realm=\""u8, ref length);
        Append(field, realm, ref length);
        Append(field, "\", nonce=\""u8, ref length);
        Append(field, nonce, ref length);
        Append(field, "\", algorithm=MD5, qop=\"auth\""u8, ref length);
        return length;
    }

    private static bool IsRegister(in SipMessageView request) => request.MethodText.SequenceEqual("REGISTER"u8);

    // These are offered SHA-256 by the worker.
    private static bool CopesWithSha256(in SipMessageView request) => request.TryFind(SipHeaderName.UserAgent, out SipHeaderView agent) && Sha256Phones.Include(agent.Value);

    private static void Append(Span<byte> field, ReadOnlySpan<byte> octets, ref int length)
    {
        octets.CopyTo(field[length..]);
        length += octets.Length;
    }
}
