using System.Net;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.Resolution;

/// <summary>One place where a request may go.</summary>
/// <param name="EndPoint">The address and the port.</param>
/// <param name="Transport">UDP, TCP or TLS.</param>
public readonly record struct NextHop(IPEndPoint EndPoint, SipTransport Transport);
