using System.Net;
using System.Net.Sockets;
using System.Text;
using CloudPbx.Load.Sip;

namespace CloudPbx.Load.Product;

/// <summary>The far end of an edge's inner link: answers every request with 200, on a blocking thread for each link.</summary>
internal sealed class FakeWorker : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<Socket> _links = [];
    private readonly bool _isOverloaded;

    /// <param name="isOverloaded">Whether it says in answer to hello that messages wait for seconds: then the edge refuses new work itself.</param>
    public FakeWorker(bool isOverloaded = false)
    {
        _isOverloaded = isOverloaded;
        _listener.Start();
        new Thread(Accept) { IsBackground = true, Name = "fake worker" }.Start();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose()
    {
        _listener.Dispose();
        lock (_links)
            _links.ForEach(link => link.Dispose());
    }

    private void Accept()
    {
        try
        {
            while (true)
            {
                Socket link = _listener.AcceptSocket();
                link.NoDelay = true;
                lock (_links)
                    _links.Add(link);
                new Thread(() => Serve(link)) { IsBackground = true, Name = "fake worker's link" }.Start();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The bench ends.
        }
    }

    private void Serve(Socket link)
    {
        byte[] received = new byte[256 * 1024], answers = new byte[512 * 1024];
        int length = 0;
        try
        {
            while (true)
            {
                int more = link.Receive(received.AsSpan(length));
                if (more == 0)
                    return;
                length += more;
                int taken = 0, written = 0;
                while (SipText.WholeLength(received.AsSpan(taken, length - taken)) is > 0 and int whole)
                {
                    ReadOnlySpan<byte> message = received.AsSpan(taken, whole);
                    if (SipText.StatusOf(message) == 0 && !SipText.IsMethod(message, "ACK"u8))
                        written += Answers.Write(message, "200 OK"u8, Delay(message), default, answers.AsSpan(written));
                    taken += whole;
                }
                received.AsSpan(taken, length - taken).CopyTo(received);
                length -= taken;
                for (int sent = 0; sent < written;)
                    sent += link.Send(answers.AsSpan(sent, written - sent));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The edge or the bench ended the link.
        }
    }

    // What InnerHello reads: the edge's own Timestamp, and the seconds that messages wait.
    private byte[] Delay(ReadOnlySpan<byte> request) => _isOverloaded && SipText.TryFind(request, "Timestamp"u8, out ReadOnlySpan<byte> said)
        ? Encoding.ASCII.GetBytes($"Timestamp: {Encoding.ASCII.GetString(said)} 5.000000\r\n") : [];
}
