using System.Security.Claims;
using System.Text.Encodings.Web;
using CloudPbx.Contracts.Identity;
using CloudPbx.Hosting.Web.Problems;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace CloudPbx.Hosting.Web.Authentication;

/// <summary>Authenticates <c>Authorization: Bearer TOKEN</c> (RFC 6750 §2.1) against the operator token; never a query parameter.</summary>
internal sealed class OperatorTokenHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, OperatorToken token)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    private const string Prefix = "Bearer ";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        string header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            return Task.FromResult(AuthenticateResult.NoResult());
        if (!token.Matches(header[Prefix.Length..].Trim()))
            return Task.FromResult(AuthenticateResult.Fail("Not the operator token."));
        ClaimsIdentity identity = new(
            [
                new Claim(TokenClaims.Subject, "operator-token"), new Claim(TokenClaims.Name, "operator token"), new Claim(TokenClaims.Role, TokenClaims.Write(UserRole.Operator)),
                new Claim("scope", TokenClaims.Api),
            ],
            Scheme.Name, TokenClaims.Name, TokenClaims.Role);
        return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name)));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers[HeaderNames.WWWAuthenticate] = "Bearer realm=\"cloudpbx\"";
        ProblemHttpResult problem = TypedResults.Problem(
            statusCode: StatusCodes.Status401Unauthorized, type: ProblemTypes.Unauthorized, title: "Not authenticated.",
            detail: "Send an access token (from /connect/token) or this installation's operator token (in the data folder) as Authorization: Bearer TOKEN.");
        CallersLanguage.Apply(Context, problem.ProblemDetails);
        return problem.ExecuteAsync(Context);
    }
}
