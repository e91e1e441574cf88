namespace CloudPbx.Net.Sockets;

/// <summary>How many descriptors this process may have open (RLIMIT_NOFILE).</summary>
public static unsafe class DescriptorLimit
{
    /// <summary>Raises the soft limit to the hard one and returns it.</summary>
    /// <returns>Descriptors allowed; <see cref="long.MaxValue"/> for no limit or when the kernel does not say.</returns>
    public static long Raise()
    {
        Libc.ResourceLimit limit;
        if (Libc.getrlimit(Libc.RLimitNoFile, &limit) != 0)
            return long.MaxValue;
        if (limit.Soft < limit.Hard)
        {
            var raised = new Libc.ResourceLimit { Soft = limit.Hard, Hard = limit.Hard };
            if (Libc.setrlimit(Libc.RLimitNoFile, &raised) == 0)
                limit = raised;
        }
        return limit.Soft > long.MaxValue ? long.MaxValue : (long)limit.Soft;
    }
}
