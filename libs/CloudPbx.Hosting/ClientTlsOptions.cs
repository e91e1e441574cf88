using System.ComponentModel.DataAnnotations;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;

namespace CloudPbx.Hosting;

/// <summary>How a process that connects by TLS verifies the other side, and what it shows it. Section <c>MediaControl</c>: for media nodes of <c>https://</c>, at workers and Api.</summary>
public sealed class ClientTlsOptions : IValidatableObject
{
    /// <summary>PEM file of the authorities that may have signed the other side's certificate; null: the system's.</summary>
    public string? AuthoritiesPath { get; set; }

    /// <summary>The file of a certificate that we show, PEM with its chain or PKCS #12; null: none.</summary>
    public string? CertificatePath { get; set; }

    /// <summary>Its key file in PEM; none when the certificate's file holds it too.</summary>
    public string? KeyPath { get; set; }

    /// <summary>Reads the files.</summary>
    /// <exception cref="IOException">One cannot be read; the message says which and why.</exception>
    public SslClientAuthenticationOptions Read() => new()
    {
        CertificateChainPolicy = AuthoritiesPath is { Length: > 0 } authorities ? CertificateFiles.ReadAuthorities(authorities) : null,
        ClientCertificateContext = CertificatePath is { Length: > 0 } certificate ? CertificateFiles.Read(certificate, KeyPath) : null,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
    };

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach ((string name, string? path) in ((string, string?)[])[(nameof(AuthoritiesPath), AuthoritiesPath), (nameof(CertificatePath), CertificatePath), (nameof(KeyPath), KeyPath)])
        {
            if (!string.IsNullOrEmpty(path) && !File.Exists(path))
                yield return new($"{name}: there is no file {path}.", [name]);
        }
        if (string.IsNullOrEmpty(CertificatePath) && !string.IsNullOrEmpty(KeyPath))
            yield return new("KeyPath needs CertificatePath.", [nameof(KeyPath)]);
    }
}

[OptionsValidator]
internal sealed partial class ClientTlsOptionsValidator : IValidateOptions<ClientTlsOptions>;
