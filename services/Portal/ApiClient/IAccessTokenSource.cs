namespace CloudPbx.Portal.ApiClient;

/// <summary>Where the API client gets the token of whoever sits before the screen: it never leaves the server.</summary>
public interface IAccessTokenSource
{
    /// <summary>Gives a token that is good now, renewed where it was not.</summary>
    /// <param name="cancel">Stops the wait.</param>
    /// <returns>The token, or <see langword="null"/>: the session has ended and the user must sign in again.</returns>
    ValueTask<string?> GetAsync(CancellationToken cancel);
}
