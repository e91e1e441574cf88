using System.Globalization;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Authentication;

/// <summary>Answers digest challenges (RFC 3261 §22, RFC 7616, RFC 8760): MD5 and SHA-256, qop=auth or none, nonce counts, stale nonces.</summary>
/// <remarks>Remembers one nonce per realm and goes on counting with it, so that later requests need no challenge. Used on one owner's thread.</remarks>
public sealed class DigestClient
{
    private const int MaximumRealms = 16;                // a stranger chooses the realms' names
    private readonly Func<DigestChallenge, DigestAccount?> _accounts;
    private readonly Func<string> _newCnonce;
    private readonly DigestHash _hash = new();
    private readonly Dictionary<(bool Proxy, string Realm), Session> _sessions = [];

    /// <summary>Creates a client.</summary>
    /// <param name="accounts">
    /// Chooses the account for a challenge, or <see langword="null"/> to leave it unanswered. It must look at the realm: answering a stranger's realm gives
    /// him the response to a challenge that he relays (threat S4).
    /// </param>
    /// <param name="newCnonce">Makes client nonces, <see cref="SipTokens.NewCnonce"/>.</param>
    public DigestClient(Func<DigestChallenge, DigestAccount?> accounts, Func<string> newCnonce)
    {
        ArgumentNullException.ThrowIfNull(accounts);
        ArgumentNullException.ThrowIfNull(newCnonce);
        _accounts = accounts;
        _newCnonce = newCnonce;
    }

    /// <summary>Creates a client for one account in one realm.</summary>
    /// <param name="realm">The only realm that is answered, compared octet by octet.</param>
    /// <param name="account">The account.</param>
    /// <param name="newCnonce">Makes client nonces, <see cref="SipTokens.NewCnonce"/>.</param>
    /// <returns>A client that leaves every other realm unanswered.</returns>
    public static DigestClient ForRealm(string realm, DigestAccount account, Func<string> newCnonce) =>
        new(challenge => challenge.Realm == realm ? account : null, newCnonce);

    /// <summary>Puts credentials into a new attempt of a request that was challenged.</summary>
    /// <param name="request">The new attempt: a copy of the refused request, its credentials included; with a CSeq and a branch of its own.</param>
    /// <param name="challenge">The 401 or 407.</param>
    /// <returns>
    /// Whether the request is worth sending. <see langword="false"/> if no challenge can be answered, or the same secret was refused already
    /// (a challenge without <c>stale=true</c> for credentials that were made for this very request).
    /// </returns>
    public bool TryAuthorize(SipRequest request, SipResponse challenge)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(challenge);
        bool proxy = challenge.StatusCode == 407;
        // RFC 8760 §2.3: per realm the topmost challenge that we can answer (I33).
        List<DigestChallenge> chosen = [];
        foreach (string field in challenge.Headers.GetAll(proxy ? SipHeaderName.ProxyAuthenticate : SipHeaderName.WwwAuthenticate))
        {
            foreach (DigestChallenge offered in DigestChallenge.Parse(field))
            {
                if (offered.IsUsable && chosen.Count < MaximumRealms && !chosen.Exists(c => c.Realm == offered.Realm))
                    chosen.Add(offered);
            }
        }
        bool authorized = false;
        foreach (DigestChallenge offered in chosen)
        {
            if (WasRefused(request, offered, proxy) || _accounts(offered) is not { } account)
                continue;
            if (_sessions.Count >= MaximumRealms)
                _sessions.Clear();
            Session session = new(offered, account);
            _sessions[(proxy, offered.Realm)] = session;
            authorized |= Put(request, session, proxy);
        }
        return authorized;
    }

    /// <summary>Puts credentials into a new request with the remembered nonces, to spare a challenge.</summary>
    /// <param name="request">A request without credentials.</param>
    public void Authorize(SipRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        foreach (((bool proxy, _), Session session) in _sessions)
        {
            if (session.Challenge.OffersAuth)            // without qop there is no count, and the nonce may be good for one use only
                Put(request, session, proxy);
        }
    }

    /// <summary>Whether the attempt carries credentials that were made for this realm in answer to a challenge (nc=1) and the server does not say that they were stale.</summary>
    private static bool WasRefused(SipRequest request, DigestChallenge challenge, bool proxy)
    {
        foreach (string field in request.Headers.GetAll(FieldName(proxy)))
        {
            if (DigestCredentials.TryParse(field, out DigestCredentials? old) && old.Realm == challenge.Realm)
                return !challenge.Stale && old.NonceCountValue is null or 1;
        }
        return false;
    }

    private static SipHeaderName FieldName(bool proxy) => proxy ? SipHeaderName.ProxyAuthorization : SipHeaderName.Authorization;

    private bool Put(SipRequest request, Session session, bool proxy)
    {
        DigestChallenge challenge = session.Challenge;
        if (session.Account.Secret.UserHash(_hash, challenge.Algorithm, session.Account.Username, challenge.Realm) is not { } userHash)
            return false;
        bool withQop = challenge.OffersAuth;
        bool needsCnonce = withQop || challenge.Algorithm is DigestAlgorithm.Md5Session or DigestAlgorithm.Sha256Session;
        string? cnonce = needsCnonce ? _newCnonce() : null;
        string? count = withQop ? (++session.Count).ToString("x8", CultureInfo.InvariantCulture) : null;
        string uri = request.RequestUri.ToString();
        DigestCredentials credentials = new()
        {
            Username = session.Account.Username,
            Realm = challenge.Realm,
            Nonce = challenge.Nonce,
            Uri = uri,
            Response = _hash.Response(
                challenge.Algorithm, userHash, challenge.Nonce, count, cnonce, withQop ? "auth" : null, request.Method.Name, uri),
            Algorithm = challenge.Algorithm,
            AlgorithmNamed = challenge.AlgorithmNamed,
            Qop = withQop ? "auth" : null,
            Cnonce = cnonce,
            NonceCount = count,
            Opaque = challenge.Opaque,
        };
        // One field per realm: those of other realms on the way stay (§22.3).
        SipHeaderName name = FieldName(proxy);
        List<string> others = [.. request.Headers.GetAll(name)
            .Where(field => !DigestCredentials.TryParse(field, out DigestCredentials? old) || old.Realm != challenge.Realm)];
        request.Headers.Remove(name);
        foreach (string other in others)
            request.Headers.Add(name, other);
        request.Headers.Add(name, credentials.ToString());
        return true;
    }

    private sealed class Session(DigestChallenge challenge, DigestAccount account)
    {
        public DigestChallenge Challenge { get; } = challenge;

        public DigestAccount Account { get; } = account;

        public uint Count { get; set; }
    }
}
