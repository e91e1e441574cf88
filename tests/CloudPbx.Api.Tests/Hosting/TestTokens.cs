using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data;
using CloudPbx.Data.Clients;
using CloudPbx.Data.Keys;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace CloudPbx.Api.Tests.Hosting;

/// <summary>Access tokens such as Identity issues: signed by a key that lies where Identity puts its own, and known to the database.</summary>
internal sealed class TestTokens
{
    public const string Issuer = "https://localhost:8443/";

    private static readonly ConditionalWeakTable<TestApi, TestTokens> s_made = [];

    private readonly IPbxDatabase _database;

    private TestTokens(IPbxDatabase database, RsaSecurityKey key) => (_database, Key) = (database, key);

    public RsaSecurityKey Key { get; }

    /// <summary>The same for all tests on one API: it reads the keys again only after a pause.</summary>
    public static TestTokens Of(TestApi api)
    {
        lock (s_made)
        {
            if (s_made.TryGetValue(api, out TestTokens? made))
                return made;
            TestTokens tokens = Make(api);
            s_made.Add(api, tokens);
            return tokens;
        }
    }

    private static TestTokens Make(TestApi api)
    {
        var id = Guid.CreateVersion7();
        var rsa = RSA.Create(2048);
        RSAParameters parameters = rsa.ExportParameters(includePrivateParameters: false);
        string jwk = JsonSerializer.Serialize(new { kty = "RSA", use = "sig", alg = "RS256", kid = id.ToString("N"), n = Base64UrlEncoder.Encode(parameters.Modulus), e = Base64UrlEncoder.Encode(parameters.Exponent) });
        Assert.True(api.Services.GetRequiredService<GlobalKeyStore>().TryAdd(id, GlobalKeyStore.Signing, rsa.ExportRSAPrivateKey(), jwk, DateTime.UtcNow));
        return new TestTokens(api.Services.GetRequiredService<IPbxDatabase>(), new RsaSecurityKey(rsa) { KeyId = id.ToString("N") });
    }

    public Task<string> OperatorAsync() => IssueAsync(UserRole.Operator);

    public Task<string> ResellerAsync(ResellerId reseller) => IssueAsync(UserRole.Reseller, (TokenClaims.Reseller, reseller.ToString()));

    public Task<string> AdministratorAsync(TenantId tenant) => IssueAsync(UserRole.Administrator, (TokenClaims.Tenant, tenant.ToString()));

    public Task<string> UserAsync(TenantId tenant, ExtensionId extension) =>
        IssueAsync(UserRole.User, (TokenClaims.Tenant, tenant.ToString()), (TokenClaims.ExtensionId, extension.ToString()));

    public async Task<string> IssueAsync(UserRole role, params (string Name, object Value)[] claims) => Write(await RegisterAsync(), role, claims);

    /// <summary>Writes a token; what a test gives replaces what Identity would write.</summary>
    public string Write(Guid id, UserRole role, (string Name, object Value)[] claims, SigningCredentials? signing = null, string type = "at+jwt")
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        Dictionary<string, object> all = new()
        {
            ["iss"] = Issuer, ["aud"] = "api", ["sub"] = $"user-{id:N}", ["name"] = "Test", ["scope"] = "openid api", ["role"] = TokenClaims.Write(role), ["oi_tkn_id"] = id.ToString(),
            ["iat"] = now.ToUnixTimeSeconds(), ["exp"] = now.AddMinutes(5).ToUnixTimeSeconds(),
        };
        foreach ((string name, object value) in claims)
            all[name] = value;
        JsonWebTokenHandler handler = new() { SetDefaultTimesOnTokenCreation = false };
        return handler.CreateToken(JsonSerializer.Serialize(all), signing ?? new SigningCredentials(Key, SecurityAlgorithms.RsaSha256), new Dictionary<string, object> { ["typ"] = type });
    }

    /// <summary>Makes a token known to the database.</summary>
    public async Task<Guid> RegisterAsync(string status = "valid")
    {
        await using PlatformDbContext db = _database.OpenPlatform();
        GlobalToken token = new() { Status = status, Type = "urn:ietf:params:oauth:token-type:access_token", Subject = "test" };
        db.GlobalTokens.Add(token);
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        return token.Id;
    }
}
