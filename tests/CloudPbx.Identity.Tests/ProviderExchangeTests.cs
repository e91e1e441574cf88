using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.SignInProviders;
using CloudPbx.Hosting.Web.Providers;
using CloudPbx.Identity.Providers;
using CloudPbx.Identity.Tests.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace CloudPbx.Identity.Tests;

/// <summary>What of a provider's answer is believed (OpenID Connect Core §3.1.3.7).</summary>
public sealed class ProviderExchangeTests : IDisposable
{
    private const string Issuer = "https://login.company.example";

    private readonly RSA _key = RSA.Create(2048);
    private readonly SignInProvider _provider = new() { TenantId = TenantId.New(), Issuer = Issuer, ClientId = "pbx", SealedSecret = [], MailDomain = "company.example" };
    private readonly ProviderQuestion _question = ProviderQuestion.New(TenantId.New(), Issuer, "/", DateTimeOffset.UtcNow);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _key.Dispose();

    [Theory]
    [InlineData("email_verified", true)]
    [InlineData("email_verified", "true")]                                              // some write it as a text
    [InlineData("azp", "pbx")]
    public async Task A_token_in_order_is_believed(string claim, object value)
    {
        ProviderAnswer answer = await AskAsync((claim, value));
        Assert.Equal((ProviderOutcome.Known, "alice@company.example"), (answer.Outcome, answer.Email));
    }

    [Theory]
    [InlineData("iss", "https://login.other.example")]
    [InlineData("aud", "another client")]
    [InlineData("nonce", "of another browser")]
    [InlineData("nonce", "")]
    [InlineData("azp", "another client")]
    [InlineData("exp", 1_000_000_000L)]
    [InlineData("email", "alice@other.example")]
    [InlineData("email", "alice@company.example.other.example")]
    [InlineData("email", "alice")]
    public async Task A_token_for_others_or_of_others_is_refused(string claim, object value)
    {
        ProviderAnswer answer = await AskAsync((claim, value));
        Assert.Equal((ProviderOutcome.Refused, null), (answer.Outcome, answer.Email));
    }

    [Theory]
    [InlineData(false)]
    [InlineData("no")]
    [InlineData(1)]
    public async Task An_address_that_is_not_verified_is_told_as_such(object value) => Assert.Equal(ProviderOutcome.Unverified, (await AskAsync(("email_verified", value))).Outcome);

    [Fact]
    public async Task A_token_signed_by_another_key_or_by_the_secret_or_by_nobody_is_refused()
    {
        using RSA other = RSA.Create(2048);
        string[] forged =
        [
            Token(new SigningCredentials(new RsaSecurityKey(other) { KeyId = "1" }, SecurityAlgorithms.RsaSha256)),
            Token(new SigningCredentials(new SymmetricSecurityKey(Encoding.UTF8.GetBytes("the secret, which is long enough for it")), SecurityAlgorithms.HmacSha256)),
            Token(new SigningCredentials(new SymmetricSecurityKey(_key.ExportRSAPublicKey()), SecurityAlgorithms.HmacSha256)),
            Token(null),
            "not a token",
        ];
        foreach (string token in forged)
            Assert.Equal(ProviderOutcome.Refused, (await AskAsync(token)).Outcome);
    }

    [Theory]
    [InlineData("/.well-known/openid-configuration")]
    [InlineData("/token")]
    [InlineData("/keys")]
    public async Task A_provider_that_answers_nonsense_is_away(string path)
    {
        foreach (string nonsense in new[] { "", "[]", "<html>", "{}", "null" })
            Assert.True((await AskAsync(Token(Signing()), (path, nonsense))).Outcome is ProviderOutcome.Away or ProviderOutcome.Refused, $"{path}: {nonsense}");
    }

    [Fact]
    public async Task A_document_that_names_another_issuer_or_an_endpoint_without_https_is_not_used()
    {
        foreach (string document in new[] { Document("https://login.other.example"), Document(Issuer + "/"), Document(Issuer).Replace("https://login.company.example/token", "http://login.company.example/token", StringComparison.Ordinal) })
            Assert.Equal(ProviderOutcome.Away, (await AskAsync(Token(Signing()), ("/.well-known/openid-configuration", document))).Outcome);
    }

    private Task<ProviderAnswer> AskAsync(params (string Name, object Value)[] claims) => AskAsync(Token(Signing(), claims));

    private async Task<ProviderAnswer> AskAsync(string token, params (string Path, string Answer)[] answers)
    {
        RSAParameters key = _key.ExportParameters(includePrivateParameters: false);
        Dictionary<string, string> all = new()
        {
            ["/.well-known/openid-configuration"] = Document(Issuer),
            ["/token"] = JsonSerializer.Serialize(new { token_type = "Bearer", access_token = "a", id_token = token }),
            ["/keys"] = JsonSerializer.Serialize(new { keys = new[] { new { kty = "RSA", use = "sig", kid = "1", n = Base64UrlEncoder.Encode(key.Modulus), e = Base64UrlEncoder.Encode(key.Exponent) } } }),
        };
        foreach ((string path, string answer) in answers)
            all[path] = answer;
        using Answers handler = new(all);
        using ProviderConnection connection = new(new TestNames(), Options.Create(new ProviderOptions()), handler);
        return await new ProviderExchange(connection, TimeProvider.System).AskAsync(_provider, "the secret", _question, "code", "https://pbx.test/account/provider/1", Cancel);
    }

    private SigningCredentials Signing() => new(new RsaSecurityKey(_key) { KeyId = "1" }, SecurityAlgorithms.RsaSha256);

    private string Token(SigningCredentials? signing, params (string Name, object Value)[] claims)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        Dictionary<string, object> all = new()
        {
            ["iss"] = Issuer, ["aud"] = "pbx", ["sub"] = "1", ["nonce"] = _question.Nonce, ["email"] = "alice@company.example", ["email_verified"] = true, ["iat"] = now.ToUnixTimeSeconds(), ["exp"] = now.AddMinutes(5).ToUnixTimeSeconds(),
        };
        foreach ((string name, object value) in claims)
            all[name] = value;
        JsonWebTokenHandler handler = new() { SetDefaultTimesOnTokenCreation = false };
        return signing is null ? handler.CreateToken(JsonSerializer.Serialize(all)) : handler.CreateToken(JsonSerializer.Serialize(all), signing);
    }

    private static string Document(string issuer) => JsonSerializer.Serialize(new { issuer, authorization_endpoint = Issuer + "/authorize", token_endpoint = Issuer + "/token", jwks_uri = Issuer + "/keys" });

    private sealed class Answers(IReadOnlyDictionary<string, string> answers) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(answers[request.RequestUri!.AbsolutePath], Encoding.UTF8, "application/json") });
    }
}
