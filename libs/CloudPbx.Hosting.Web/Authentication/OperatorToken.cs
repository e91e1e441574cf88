using System.Security.Cryptography;
using System.Text;
using CloudPbx.Hosting;
using Microsoft.Extensions.Options;

namespace CloudPbx.Hosting.Web.Authentication;

/// <summary>The token of this machine, which may do everything: 43 characters (256 bits) in a file that only the operator can read.</summary>
public sealed class OperatorToken
{
    /// <summary>Name of the authentication scheme: <c>Authorization: Bearer TOKEN</c>.</summary>
    public const string Scheme = "OperatorToken";

    private readonly Lazy<byte[]> _digest;

    /// <summary>Prepares the token; the file is read, or made, at first use.</summary>
    /// <param name="options">Where the file lies.</param>
    public OperatorToken(IOptions<OperatorTokenOptions> options) =>
        _digest = new Lazy<byte[]>(() => SHA256.HashData(Encoding.UTF8.GetBytes(ReadOrCreate(options.Value.Path))));

    /// <summary>Reads the token's file, or makes it.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The token.</returns>
    /// <exception cref="IOException">It can be neither read nor written.</exception>
    public static string ReadOrCreate(string path)
    {
        string token = SecretFile.ReadOrCreate(path, () => Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)).TrimEnd('=').Replace('+', '-').Replace('/', '_'));
        return token.Length >= 32 ? token : throw new IOException($"{path} holds no operator token: it must have at least 32 characters. Delete the file to get a new one.");
    }

    /// <summary>Makes sure that the token exists.</summary>
    /// <exception cref="IOException">It can be neither read nor written.</exception>
    public void Prepare() => _ = _digest.Value;

    /// <summary>Compares in constant time, whatever the lengths are.</summary>
    /// <param name="presented">What the client sent.</param>
    /// <returns>Whether it is the token.</returns>
    public bool Matches(string presented) => CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(presented)), _digest.Value);
}
