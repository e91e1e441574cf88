using CloudPbx.Sip.Proxying;

namespace CloudPbx.Load.Sip;

/// <summary>Writes REGISTER requests.</summary>
internal static class RegisterText
{
    /// <summary>Writes one.</summary>
    /// <param name="destination">Takes the message.</param>
    /// <param name="user">Who registers.</param>
    /// <param name="unit">The unit, for the branch.</param>
    /// <param name="step">0 without credentials, 1 with.</param>
    /// <param name="sequence">CSeq, rising for each user.</param>
    /// <param name="transport">UDP, TCP or TLS.</param>
    /// <param name="port">The phone's port.</param>
    /// <param name="challenge">The 401 that step 1 answers.</param>
    /// <returns>The length; 0 when the 401 has no challenge.</returns>
    public static int Write(
        Span<byte> destination, LoadUser user, uint unit, int step, uint sequence, ReadOnlySpan<byte> transport, int port, ReadOnlySpan<byte> challenge)
    {
        var writer = new OctetWriter(destination);
        writer.Write("REGISTER "u8);
        writer.Write(user.DomainUri);
        writer.Write(" SIP/2.0\r\nVia: SIP/2.0/"u8);
        writer.Write(transport);
        writer.Write(" 127.0.0.1:"u8);
        writer.Write(port);
        writer.Write(";rport;branch="u8);
        UnitBranch.Write(ref writer, unit, step);
        writer.Write("\r\nMax-Forwards: 70\r\nFrom: <"u8);
        writer.Write(user.Address);
        writer.Write(">;tag="u8);
        writer.WriteHexadecimal(unit);
        writer.Write("\r\nTo: <"u8);
        writer.Write(user.Address);
        writer.Write(">\r\nCall-ID: register-"u8);
        writer.Write(user.Number);
        writer.Write("-0123456789abcdef@127.0.0.1\r\nCSeq: "u8);
        writer.Write((int)sequence);
        writer.Write(" REGISTER\r\nContact: <sip:"u8);
        writer.Write(user.Number);
        writer.Write("@127.0.0.1:"u8);
        writer.Write(port);
        writer.Write(";transport="u8);
        writer.Write(transport.SequenceEqual("UDP"u8) ? "udp"u8 : transport.SequenceEqual("TCP"u8) ? "tcp"u8 : "tls"u8);
        writer.Write(">\r\nExpires: 3600\r\nUser-Agent: load/1.0 (load generator)\r\n"u8);
        writer.Write("Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, MESSAGE, UPDATE, PRACK, REFER, NOTIFY, INFO\r\nSupported: replaces, outbound, path\r\n"u8);
        if (step == 1 && !user.WriteCredentials(ref writer, challenge, "REGISTER"u8, user.DomainUri))
            return 0;
        writer.Write("Content-Length: 0\r\n\r\n"u8);
        return writer.Length;
    }
}
