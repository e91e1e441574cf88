using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CloudPbx.AllInOne.Commands;

/// <summary>An installation that is elsewhere: the environment names its address and the key of a program (<c>/keys</c>), by which commands sign in as every client does.</summary>
/// <param name="Server">Its public address, https.</param>
/// <param name="ClientId">The key's identifier.</param>
/// <param name="ClientSecret">The key's secret.</param>
/// <param name="Authority">PEM file of the authority that signed its certificate; absent: one that this machine trusts.</param>
internal sealed record RemoteInstallation(Uri Server, string ClientId, string ClientSecret, string? Authority)
{
    /// <summary>The variable that names the address; without it commands go to the process of the data folder.</summary>
    public const string ServerVariable = "PBX_SERVER";

    private const string ClientVariable = "PBX_CLIENT_ID", SecretVariable = "PBX_CLIENT_SECRET", AuthorityVariable = "PBX_CA";

    /// <summary>What the environment names, or null.</summary>
    /// <param name="read">Reads a variable.</param>
    /// <exception cref="StartException">Something is missing, or is none.</exception>
    public static RemoteInstallation? Find(Func<string, string?> read)
    {
        if (read(ServerVariable) is not { Length: > 0 } server)
            return null;
        if (!Uri.TryCreate(server, UriKind.Absolute, out Uri? address) || address.Scheme != Uri.UriSchemeHttps)
            throw new StartException($"{ServerVariable} must be the installation's address, for example https://pbx.example: it is {server}.");
        if (read(ClientVariable) is not { Length: > 0 } client || read(SecretVariable) is not { Length: > 0 } secret)
            throw new StartException($"{ServerVariable} is set: set {ClientVariable} and {SecretVariable}, too, to the key of a program (the portal's page API keys makes one).");
        return new RemoteInstallation(address, client, secret, read(AuthorityVariable) is { Length: > 0 } file ? file : null);
    }

    /// <summary>A connection to it. The caller disposes it.</summary>
    /// <exception cref="StartException">The authority's file cannot be read.</exception>
    public SocketsHttpHandler Connect()
    {
        SocketsHttpHandler handler = new() { AllowAutoRedirect = false };      // the secret goes to that server and to no other
        if (Authority is not { } file)
            return handler;
        try
        {
            X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.ImportFromPemFile(file);
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
            return handler;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException)
        {
            handler.Dispose();
            throw new StartException($"{AuthorityVariable}: {file} cannot be read: {fault.Message}");
        }
    }
}
