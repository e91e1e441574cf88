using System.Security.Cryptography;
using System.Text.Json;
using CloudPbx.Data.Keys;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Server;

namespace CloudPbx.Identity.Keys;

/// <summary>
/// The keys that sign and encrypt tokens: made here, sealed in the database, one for each period of <see cref="IdentityOptions.KeyDays"/>. The next period's is made ahead,
/// so that every process knows it before it is used.
/// </summary>
/// <remarks>Thread-safe; singleton. As a hosted service it looks once an hour.</remarks>
internal sealed class TokenKeys(GlobalKeyStore store, IOptions<IdentityOptions> options, TimeProvider time)
    : BackgroundService, IConfigureOptions<OpenIddictServerOptions>, IOptionsChangeTokenSource<OpenIddictServerOptions>
{
    private static readonly TimeSpan s_interval = TimeSpan.FromHours(1);
    private const int RsaBits = 2048;

    private CancellationTokenSource _change = new();

    public string? Name => Options.DefaultName;

    public IChangeToken GetChangeToken() => new CancellationChangeToken(_change.Token);

    /// <summary>Adds the present period's keys, then the older ones, which only verify and decrypt.</summary>
    public void Configure(OpenIddictServerOptions server)
    {
        Ensure();
        DateTime now = time.GetUtcNow().UtcDateTime;
        // RS256: the one algorithm that every OpenID Connect client has (OpenID Connect Core §15.1).
        foreach (OpenedKey key in Usable(GlobalKeyStore.Signing, now))
        {
            RSA rsa = RSA.Create();
            rsa.ImportRSAPrivateKey(key.Clear, out _);
            server.SigningCredentials.Add(new SigningCredentials(new RsaSecurityKey(rsa) { KeyId = key.Id.ToString("N") }, SecurityAlgorithms.RsaSha256));
        }
        foreach (OpenedKey key in Usable(GlobalKeyStore.Encryption, now))
        {
            server.EncryptionCredentials.Add(new EncryptingCredentials(
                new SymmetricSecurityKey(key.Clear) { KeyId = key.Id.ToString("N") }, SecurityAlgorithms.Aes256KW, SecurityAlgorithms.Aes256CbcHmacSha512));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(s_interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await Interlocked.Exchange(ref _change, new CancellationTokenSource()).CancelAsync();     // the options are made anew, from the database
        }
        catch (OperationCanceledException)
        {
            // the process stops
        }
    }

    /// <summary>This period's keys before older ones, and those of the next not yet as the first.</summary>
    private IEnumerable<OpenedKey> Usable(string purpose, DateTime now)
    {
        TimeSpan period = TimeSpan.FromDays(options.Value.KeyDays);
        return store.Load(purpose).Where(key => key.CreatedAt > now - (2 * period)).OrderBy(key => key.CreatedAt > now).ThenByDescending(key => key.CreatedAt);
    }

    private void Ensure()
    {
        DateTime now = time.GetUtcNow().UtcDateTime;
        long ticks = TimeSpan.FromDays(options.Value.KeyDays).Ticks;
        HashSet<Guid> present = [.. store.Load(GlobalKeyStore.Signing).Concat(store.Load(GlobalKeyStore.Encryption)).Select(key => key.Id)];
        foreach (long period in new[] { now.Ticks / ticks, (now.Ticks / ticks) + 1 })
        {
            DateTime from = new(period * ticks, DateTimeKind.Utc);
            Guid signing = KeyId(GlobalKeyStore.Signing, from), encryption = KeyId(GlobalKeyStore.Encryption, from);
            if (!present.Contains(signing))
            {
                using RSA rsa = RSA.Create(RsaBits);
                store.TryAdd(signing, GlobalKeyStore.Signing, rsa.ExportRSAPrivateKey(), PublicJwk(rsa, signing), from);
            }
            if (!present.Contains(encryption))
                store.TryAdd(encryption, GlobalKeyStore.Encryption, RandomNumberGenerator.GetBytes(32), null, from);
        }
    }

    /// <summary>The same for every process that makes the period's key, so that the database keeps one.</summary>
    private static Guid KeyId(string purpose, DateTime from) => new(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{purpose}/{from:yyyyMMddHHmmss}")).AsSpan(0, 16));

    private static string PublicJwk(RSA rsa, Guid id)
    {
        RSAParameters parameters = rsa.ExportParameters(includePrivateParameters: false);
        return JsonSerializer.Serialize(new
        {
            kty = "RSA",
            use = "sig",
            alg = SecurityAlgorithms.RsaSha256,
            kid = id.ToString("N"),
            n = Base64UrlEncoder.Encode(parameters.Modulus),
            e = Base64UrlEncoder.Encode(parameters.Exponent),
        });
    }
}
