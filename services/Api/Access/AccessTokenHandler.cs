using System.Security.Claims;
using System.Text.Encodings.Web;
using CloudPbx.Contracts.Identity;
using CloudPbx.Data;
using CloudPbx.Hosting.Web.Addresses;
using CloudPbx.Hosting.Web.Problems;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Microsoft.Net.Http.Headers;

namespace CloudPbx.Api.Access;

/// <summary>Authenticates Identity's access tokens (RFC 9068): one algorithm, our issuer, our audience, our keys, in time, not revoked (S30).</summary>
internal sealed class AccessTokenHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, PublicUrl publicUrl, VerificationKeys keys, TokenStatus status,
    IDatabaseFaults faults, TimeProvider time)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    /// <summary>Name of the scheme.</summary>
    public const string SchemeName = "AccessToken";

    /// <summary>OpenIddict's claim with the token's identifier.</summary>
    public const string TokenIdClaim = "oi_tkn_id";

    private const string Prefix = "Bearer ";
    private const int LongestToken = 16 << 10;
    private static readonly TimeSpan s_clockError = TimeSpan.FromSeconds(30);
    private static readonly JsonWebTokenHandler s_tokens = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = LongestToken };

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        string header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            return AuthenticateResult.NoResult();
        try
        {
            TokenValidationResult result = await s_tokens.ValidateTokenAsync(header[Prefix.Length..].Trim(), new TokenValidationParameters
            {
                ValidIssuer = publicUrl.Origin.AbsoluteUri,
                ValidAudience = TokenClaims.Api,
                ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
                ValidTypes = ["at+jwt"],                                // RFC 9068 §4: an ID token is no access token
                RequireExpirationTime = true,
                RequireSignedTokens = true,
                IssuerSigningKeyResolver = (_, _, kid, _) => keys.Find(kid) is { } key ? [key] : [],
                LifetimeValidator = (from, to, _, _) => InTime(from, to),
                NameClaimType = TokenClaims.Name,
                RoleClaimType = TokenClaims.Role,
            });
            if (!result.IsValid || !Guid.TryParse(result.ClaimsIdentity.FindFirst(TokenIdClaim)?.Value, out Guid id) || !await status.IsValidAsync(id, Context.RequestAborted))
                return AuthenticateResult.Fail("Not a valid access token.");
            return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(result.ClaimsIdentity), Scheme.Name));
        }
        catch (Exception fault) when (faults.IsAway(fault))
        {
            Context.Items[typeof(IDatabaseFaults)] = fault;             // not the token's fault: the challenge says so
            return AuthenticateResult.Fail("The database is away.");
        }
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (Context.Items.ContainsKey(typeof(IDatabaseFaults)))
        {
            Response.Headers.RetryAfter = "2";
            return AnswerAsync(Answers.DatabaseAway());
        }
        Response.Headers[HeaderNames.WWWAuthenticate] = "Bearer realm=\"cloudpbx\", error=\"invalid_token\"";
        return AnswerAsync(Answers.Unauthorized("The access token is not valid, has expired or was revoked. Get a new one from /connect/token."));
    }

    private Task AnswerAsync(ProblemHttpResult problem)
    {
        CallersLanguage.Apply(Context, problem.ProblemDetails);
        return problem.ExecuteAsync(Context);
    }

    private bool InTime(DateTime? from, DateTime? to)
    {
        DateTime now = time.GetUtcNow().UtcDateTime;
        return to is { } end && now < end + s_clockError && (from is not { } begin || now > begin - s_clockError);
    }
}
