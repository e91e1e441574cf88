using System.Net;

namespace CloudPbx.Portal.ApiClient;

/// <summary>Whose requests go to the API: their token, and the address that the API counts and notes them by.</summary>
public interface IAccessTokenSource
{
    /// <summary>Gives a token that is good for some time yet.</summary>
    /// <param name="cancel">Stops the wait.</param>
    /// <returns>The token, or <see langword="null"/>: the user must sign in again.</returns>
    ValueTask<string?> GetAsync(CancellationToken cancel);

    /// <summary>Gives the address of whoever asks.</summary>
    /// <returns>The address; <see langword="null"/>: it is not known.</returns>
    ValueTask<IPAddress?> VisitorAsync();
}
