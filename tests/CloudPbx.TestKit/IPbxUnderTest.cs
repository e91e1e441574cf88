using CloudPbx.Sip.Transport;
using CloudPbx.TestKit.Phones;

namespace CloudPbx.TestKit;

/// <summary>A running CloudPbx as phones see it: addresses, names and passwords, nothing of its inside.</summary>
public interface IPbxUnderTest : IAsyncDisposable
{
    /// <summary>The domain of the tenant that scenarios use unless they say otherwise.</summary>
    string Domain { get; }

    /// <summary>The address where its ports are reached from this machine.</summary>
    string Host { get; }

    /// <summary>The port for UDP and TCP.</summary>
    int SipPort { get; }

    /// <summary>The port for TLS.</summary>
    int TlsPort { get; }

    /// <summary>PEM file of the authority that signed its certificate.</summary>
    string CaFile { get; }

    /// <summary>Its REST API.</summary>
    PbxApi Api { get; }

    /// <summary>The SIP password of an extension's device in <see cref="Domain"/>.</summary>
    string PasswordOf(string extension);

    /// <summary>The end of its log, for a failure's message.</summary>
    string Logs();

    /// <summary>What the user of an extension types into a phone.</summary>
    PhoneAccount Account(string extension, SipTransport transport, PhoneEncryption encryption = PhoneEncryption.Never) =>
        new(extension, PasswordOf(extension), Domain, Host, transport == SipTransport.Tls ? TlsPort : SipPort, transport) { Encryption = encryption, CaFile = CaFile };
}
