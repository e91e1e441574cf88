using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;

namespace CloudPbx.Portal.SignIn;

/// <summary>Renews access tokens before they end, one at a time for each session: a refresh token that is used twice at once counts as stolen.</summary>
/// <remarks>Thread-safe; singleton.</remarks>
internal sealed class TokenRenewal(PortalSessions sessions, IdentityConnection identity, IOptions<PortalOptions> options, TimeProvider time)
{
    private static readonly TimeSpan s_early = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, Gate> _gates = new(StringComparer.Ordinal);

    /// <summary>Gives a session's access token, renewed where it is about to end.</summary>
    /// <returns>The token, or <see langword="null"/>: the session has ended.</returns>
    public async ValueTask<string?> TokenOfAsync(string id, CancellationToken cancel)
    {
        PortalSession? session = (await sessions.FindAsync(id, cancel)).Session;
        if (session is null || IsGood(session))
            return session?.AccessToken;
        Gate gate = _gates.AddOrUpdate(id, _ => new Gate(1), (_, present) => present with { Users = present.Users + 1 });
        await gate.Lock.WaitAsync(cancel);
        try
        {
            session = (await sessions.FindAsync(id, cancel)).Session;           // somebody may have done it meanwhile
            return session is null || IsGood(session) ? session?.AccessToken : await RenewAsync(id, session, cancel);
        }
        finally
        {
            gate.Lock.Release();
            Leave(id);
        }
    }

    private bool IsGood(PortalSession session) => session.ExpiresAt is not { } end || time.GetUtcNow() < end - s_early;

    private async Task<string?> RenewAsync(string id, PortalSession session, CancellationToken cancel)
    {
        if (session.RefreshToken is not { } refresh)
            return StillAlive(session);
        using FormUrlEncodedContent form = new(
        [
            new("grant_type", "refresh_token"), new("refresh_token", refresh), new("client_id", OpenIdSignIn.ClientId), new("client_secret", options.Value.ClientSecret),
        ]);
        try
        {
            using HttpResponseMessage answer = await identity.Http.PostAsync(new Uri("connect/token", UriKind.Relative), form, cancel);
            if (answer.StatusCode == HttpStatusCode.BadRequest)
            {
                await sessions.EndAsync(id, cancel);                            // revoked, or the password was changed
                return null;
            }
            if (!answer.IsSuccessStatusCode || await answer.Content.ReadFromJsonAsync<Tokens>(cancel) is not { AccessToken: { } fresh } tokens)
                return StillAlive(session);
            await sessions.SaveAsync(
                id, session with { AccessToken = fresh, RefreshToken = tokens.RefreshToken ?? refresh, IdToken = tokens.IdToken ?? session.IdToken, ExpiresAt = time.GetUtcNow().AddSeconds(tokens.ExpiresIn) }, cancel);
            return fresh;
        }
        catch (HttpRequestException)
        {
            return StillAlive(session);                                         // Identity is away: the present token is good for a moment yet
        }
    }

    private string? StillAlive(PortalSession session) => session.ExpiresAt > time.GetUtcNow() ? session.AccessToken : null;

    private void Leave(string id)
    {
        while (_gates.TryGetValue(id, out Gate? gate))
        {
            if (gate.Users > 1 ? _gates.TryUpdate(id, gate with { Users = gate.Users - 1 }, gate) : _gates.TryRemove(new(id, gate)))
                return;
        }
    }

    private sealed record Gate(int Users)
    {
        public SemaphoreSlim Lock { get; } = new(1);
    }

    private sealed record Tokens(
        [property: JsonPropertyName("access_token")] string? AccessToken, [property: JsonPropertyName("refresh_token")] string? RefreshToken,
        [property: JsonPropertyName("id_token")] string? IdToken, [property: JsonPropertyName("expires_in")] int ExpiresIn);
}
