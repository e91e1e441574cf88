using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using CloudPbx.CallControl.Links;
using CloudPbx.CallControl.Tenants;
using CloudPbx.Data.Tenants;
using CloudPbx.Sip.Authentication;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;
using CloudPbx.State.Bans;

namespace CloudPbx.CallControl.Registrar;

/// <summary>Says which device sent a request, by digest (RFC 3261 §22), and nothing else: From and its like prove nothing (SECURITY.md S8).</summary>
/// <remarks>An unknown user takes the same path as a wrong password: the same hash operations, a challenge of the same shape. Used on the tenant's thread.</remarks>
internal sealed class DeviceAuthenticator(TenantRuntime tenant, DigestServer digest, GuessGuard guard, TimeProvider time)
{
    private readonly IncrementalHash _tags = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, RandomNumberGenerator.GetBytes(HMACSHA256.HashSizeInBytes));
    private const int MaximumUserLength = 128;

    /// <summary>How long the device that was authenticated last took to answer our challenge; null where it used a nonce that it had.</summary>
    public TimeSpan? AnsweredAfter => digest.AnsweredAfter;

    /// <summary>Hash operations that were done; those of an unknown user are as many as those of a wrong password.</summary>
    internal long HashOperations => digest.HashOperations;

    /// <summary>Secrets that were opened; for an unknown user one, too.</summary>
    internal long SecretsOpened { get; private set; }

    /// <summary>Authenticates a request, or answers it with a challenge: 401 to REGISTER, 407 to anything else.</summary>
    /// <param name="transaction">The request; answered when the result is null.</param>
    /// <param name="configuration">The tenant.</param>
    /// <returns>The device that sent it, or null.</returns>
    public ConfiguredDevice? Authenticate(ServerTransaction transaction, TenantConfiguration configuration) => Answer(transaction, configuration, Judge(transaction, configuration));

    /// <summary>Looks at the credentials of a request, and answers nothing yet. Credentials that are accepted are used up.</summary>
    public Judgement Judge(ServerTransaction transaction, TenantConfiguration configuration)
    {
        SipRequest request = transaction.Request;
        string realm = RealmOf(request, configuration);
        if (Find(request, realm, configuration) is not { } credentials)
            return new Judgement(realm, null, null, null);
        ConfiguredDevice? device = FindDevice(credentials.Username, configuration, time.GetUtcNow().UtcDateTime, out DigestSecret? secret);
        return new Judgement(realm, credentials, device, digest.Verify(request, credentials, credentials.Realm, secret, Peer(transaction.Flow.Remote.Address)));
    }

    /// <summary>Gives the device of a request that was accepted; answers any other with a challenge.</summary>
    public ConfiguredDevice? Answer(ServerTransaction transaction, TenantConfiguration configuration, Judgement judgement)
    {
        bool stale = judgement.Verdict == DigestVerdict.Stale;
        if (judgement.Credentials is { } credentials)
        {
            IPAddress source = transaction.Flow.Remote.Address;
            if (judgement is { Verdict: DigestVerdict.Accepted, Device: { } device })
            {
                guard.Succeeded(source, tenant.Tenant, credentials.Username);
                return device;
            }
            if (!stale)
                guard.Failed(source, tenant.Tenant, credentials.Username, () => tenant.Registrar.IsRegisteredFrom(credentials.Username, source), ScannerAgents.Include(transaction.Request.Headers.Get(SipHeaderName.UserAgent)));
        }
        Challenge(transaction, judgement.Realm, stale, configuration, judgement.Credentials?.Username);
        return null;
    }

    /// <summary>Whether the sender of a request guessed too often and gets no answer (S3). Asked before a transaction is made.</summary>
    /// <remarks>Whoever is registered on this very flow is heard all the same: a neighbour with the wrong password must not put a phone off.</remarks>
    public bool IsSilenced(SipRequest request, EdgeFlow flow)
    {
        if (!guard.MaySilence(flow.Remote.Address))
            return false;
        string? user = null;
        foreach (SipHeaderName name in (ReadOnlySpan<SipHeaderName>)[SipHeaderName.Authorization, SipHeaderName.ProxyAuthorization])
        {
            foreach (string field in request.Headers.GetAll(name))
            {
                if (!DigestCredentials.TryParse(field, out DigestCredentials? credentials) || credentials.Username == user)
                    continue;                                     // of one user the request is one try
                user = credentials.Username;
                if (guard.IsSilenced(flow.Remote.Address, tenant.Tenant, user, tenant.IsEmergency(request)) && !tenant.Registrar.IsRegisteredOn(user, flow))
                    return true;
            }
        }
        return guard.MayTurnAway && IsTurnedAway(request, flow);
    }

    // Only what will be looked at as a guess takes a turn: one with a nonce that is forged, old or somebody else's gets a challenge whatever the password, and costs its sender nothing.
    private bool IsTurnedAway(SipRequest request, EdgeFlow flow)
    {
        if (!IsJudged(request) || tenant.IsEmergency(request) || Find(request, RealmOf(request, tenant.Configuration), tenant.Configuration) is not { } credentials)
            return false;
        IPAddress source = flow.Remote.Address;
        string user = credentials.Username;
        return digest.IsYoung(credentials, credentials.Realm, Peer(source))
            && guard.IsTurnedAway(source, tenant.Tenant, user, () => tenant.Registrar.IsRegisteredFrom(user, source) || tenant.Registrar.IsRegisteredOn(user, flow));
    }

    // The others carry credentials, too (RFC 3261 §22.2), and nobody learns from them whether these are right: an OPTIONS gets 200, and without its dialog or transaction such a request gets 481, or nothing.
    private static bool IsJudged(SipRequest request) => request.Method == SipMethod.Register
        || (request.To.Tag is null && request.Method != SipMethod.Ack && request.Method != SipMethod.Cancel && request.Method != SipMethod.Options
            && request.Method != SipMethod.Prack && request.Method != SipMethod.Update && request.Method != SipMethod.Notify);

    /// <summary>The realm of a request: the tenant's domain as the phone asked for it, or its first where the phone knows an address only.</summary>
    internal static string RealmOf(SipRequest request, TenantConfiguration configuration)
    {
        string asked = (request.Method == SipMethod.Register ? request.To : request.From).Uri.Host;
        foreach (string domain in configuration.Domains)
            if (string.Equals(domain, asked, StringComparison.OrdinalIgnoreCase))
                return domain;
        return configuration.Domains is [{ } first, ..] ? first : configuration.TenantId.ToString();
    }

    // Phones keep one nonce for several kinds of requests, and some answer a 407 with Authorization: both fields count, first the one that answers our challenge.
    private static DigestCredentials? Find(SipRequest request, string realm, TenantConfiguration configuration)
    {
        DigestCredentials? found = Find(request, realm);
        for (int i = 0; found is null && i < configuration.Domains.Length; i++)
            found = Find(request, configuration.Domains[i]);
        return found is { Username.Length: <= MaximumUserLength } ? found : null;
    }

    private static DigestCredentials? Find(SipRequest request, string realm)
    {
        bool proxy = request.Method != SipMethod.Register;
        return DigestServer.FindCredentials(request, realm, proxy) ?? DigestServer.FindCredentials(request, realm, !proxy);
    }

    private ConfiguredDevice? FindDevice(string user, TenantConfiguration configuration, DateTime now, out DigestSecret? secret)
    {
        bool known = configuration.DevicesByAuthUser.TryGetValue(user, out ConfiguredDevice? device) && !(device.ExpiresAt <= now);
        // For an unknown user another device's secret is opened and thrown away: opening takes time that could be measured.
        ConfiguredDevice? opened = known ? device : configuration.Devices is [{ } any, ..] ? any : null;
        string? password = null;
        SecretsOpened += opened is null ? 0 : 1;
        bool open = opened is not null && opened.Secret.TryOpen(out password);
        secret = known && open ? DigestSecret.FromPassword(password!) : null;
        return known ? device : null;
    }

    // A nonce is good for whom it was given to: nobody else may replay it, nor have somebody else banned from a forged address.
    private static UInt128 Peer(IPAddress address) => BanSource.From(address).Bits;

    private void Challenge(ServerTransaction transaction, string realm, bool stale, TenantConfiguration configuration, string? user)
    {
        SipRequest request = transaction.Request;
        SipResponse response = SipResponse.For(
            request, request.Method == SipMethod.Register ? 401 : 407, toTag: request.To.Tag ?? TagOf(request));
        user ??= (request.Method == SipMethod.Register ? request.To : request.From).Uri.User;
        bool sha256 = Sha256Phones.Include(request.Headers.Get(SipHeaderName.UserAgent))
            || (user is not null && configuration.DevicesByAuthUser.TryGetValue(user, out ConfiguredDevice? device) && device.DigestSha256);
        digest.Challenge(response, realm, stale, sha256, Peer(transaction.Flow.Remote.Address));
        response.Headers.Add(SipHeaderName.Server, ServerName.Value);
        // Without state: a flood of strangers' requests would fill the table of transactions (S12).
        transaction.RespondAndForget(response);
    }

    // §8.2.7: the same for the request's retransmissions, and for nobody to foresee.
    private string TagOf(SipRequest request)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        string text = $"{request.TopVia.Branch}\n{request.CallId}\n{request.From.Tag}\n{request.CSeq}";
        _tags.AppendData(MemoryMarshal.AsBytes(text.AsSpan()));
        _tags.GetHashAndReset(hash);
        return Convert.ToHexStringLower(hash[..8]);
    }
}
