#include "tests/unit/test_keys.h"

#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <stdio.h>
#include <stdlib.h>

#include "core/base/base64.h"

static const struct test_key keys[TEST_KEY_COUNT] = {
    [TEST_RSA512] = {"rsa512", 512,
        "MIIBVAIBADANBgkqhkiG9w0BAQEFAASCAT4wggE6AgEAAkEAvs91UTJlW/gPBGTWrlmcBVO/HJzEefnHDbVz8p8lvxe0mQHY"
        "lfMu5TPIIQl8YGyM+E8dNTBL5IAkIhweKi9h2QIDAQABAkAFWfAiXNV25NgW+XUD4sN7asPbW5IvEZBBlCsyTMBUQZuDQpZy"
        "hMW+d8nbZUxgBIbTORiy7XiApM4MmoEXWor5AiEA7WquUFVi7al73Fj2R9ZM9jXcB9Ze9irifLKdeV1x5OMCIQDNvuMIhBWm"
        "dSrsLHm/o1jbCuMTshWpjojxnai/1xkXEwIgD+ON2u57+m/XTD3f7ZrX97pPCW89V7gzBCloBJFOaAUCIQC4Qn1HUiulkQdo"
        "zggXNa5NNXnaWMIHwSwp3v2TGYtR2wIgel4ZKdJJpTvrdUuGjiR8QFY2gnX/FMqlh0++gHEiAAk="},
    [TEST_RSA768] = {"rsa768", 768,
        "MIIB5AIBADANBgkqhkiG9w0BAQEFAASCAc4wggHKAgEAAmEA28OAPrU70OJJ3KUE1VXe5cEbdfTBp3Vm8kkv9czsCLQy1fwl"
        "TD7htJ9IgMz34/iRWHqiwdROoPA4U2VvdkH60DKHdZqOZRS+NdIGer0jCH5J+myLlGFUlddPuQhdS1plAgMBAAECYFL+W/pS"
        "m0phix9mupKOoWUHLoW3b0L8lWo+tXwQbbtDwkcJuFQ5EygRV2I9Bgj0H8ylBqxAaLz3Gw6ML24F7INhKCjiNinbTKo3WrPh"
        "JXJDXEPbOhJVLKcTCm4pe2zEgQIxAPK7Lnvcx43Eb/JiEAuWC3uavXhQH5ZL3gzv2MT0Cc4JJJlWFf6Dui02hnNSjvz19QIx"
        "AOfG6JUVPpLp/43upQvpaSRVeMBtF9wyADq3I+7iAzP0HdYuP/2Dv/k2NmyqGfScsQIwKgH3A3ysFH7gmOQbvsWS6ytWixHi"
        "xZIPtdF0hHFvmPbAHMFnQQrvF5AOKLsq/+BZAjADBEbAsf8XgG4wFbwWNJqGu4oPzxuxZQE1wm54TH7ILVQ6Fm4EybM09iyt"
        "K2WdFnECMQC/lXEO0EttgO7+/2OEvV+QLZRvP582qBcEFnCeK5odGKPbxZMIKEoG5sGde1Qqbkg="},
    [TEST_RSA1023] = {"rsa1023", 1023,
        "MIICdAIBADANBgkqhkiG9w0BAQEFAASCAl4wggJaAgEAAoGAUhbCYs9JaZOaB2a7xhGN+wXMrLqzF+qbfSn1U5z9wGZxKtB3"
        "6kMtqsmLNFfMHqOG1qpvNs5ifXcmB7M6Ri9SKV8o28WDOJoLzClChGwYV6YUgYDDeo24cVu6nkFTH4374KigfcfO9Ej1W/ZG"
        "bzfcnVnIcCTyssNcWj5fWIKu/LkCAwEAAQKBgEOCBApOfgkdIabEjdetyB2P/2ptf6tDfOvJ/b7tdKEtnhOfrX4yEPRLGvfI"
        "3Ey2HsWbFCr2P3j+63+ZnWrqr53ni4TGGV83yyBKgh69LpK9ueXJEJw4bWzSew0rbsnZglA2kkEBFr3/AXY0baqEQrHubxcn"
        "ITRuMwcUpkOKjZGhAkEA0bhIL1Iv3VzS37rVQhZRQniVqUOFeQ+wo8T8x+RSCM49Xzh9fdxBdea7nI60JT20lg13d8TdAMnB"
        "mtcPcNRcDwJAZDQ2ohgU2mz4C2PYW8LyYZK1c3SvO8ChGpFaTyi1Fdvue5djVi9ZdhNtcRGaiU4huEmrZQ4WvcmOTfiSZ3Xy"
        "twJAeZnQwR92gXQBEZjTbq5iD5i7rploGvnuAgeGSqEor9Jl44Btwzyi+CoBPpW//pf4zcihLOEJBBv4Fj/8w/9eIQJAIcWX"
        "RDppjNR9JRmZqhOiLVCM50TEapcZtSKYFWXa4msljXIQgNOkiy8xC5KrSuuSYdIyefStpXlxBMZqUYRnMQJBAJW4Bp2XhN72"
        "TiSHMzM996+4GWZCB0dvjD+oVGId+nzHnOGp0QiXKlBv13VzgHvUZnW8Bh42OxtL1X29QGxo5A8="},
    [TEST_RSA1024] = {"rsa1024", 1024,
        "MIICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJdAgEAAoGBAO8g5ImN/VJhRnviajA2uF4Y5LY6mXrrkPbiHrA6bqoSiUMj"
        "dtyDP86F44pCu/m8pYxaH9gQJRkVZM9JyRRqPqvAt4IvVzp/Gxtv9k44PMDMEnGGMdLm9/eHSvfMH5prATKdMoQs+SrIf1N7"
        "HPickxPKBdfEtqOTr5fg4m8mJSvzAgMBAAECgYEAp8UQEmIIRO/yn6AumD0MBRi5/hAG9nKndk8W8NVOJwxyOSR8lCGRdrgA"
        "+FPxxjlQfLQOe2x4Wqzj2XsPFL+lz0dPgJFa85OV+YAaFyXOYwcpTBuKb7tOsnM/VAsIwqyzFjntSt2QDN69/tU+yi6z01Wu"
        "djhIBX7d/WfB1keoz+ECQQD9z3SqPUton+iV/fD4YZD53p23pTZ6MRdmFPL9ieTw+RW3rb+46Ab777NYzSfgxNxwsLpOv9m8"
        "4r/ILqQBXq6vAkEA8TEDBpXAxfE5/R2JuWwvi5Sp7vu5Dh0NgZw+m7EuZczbXvZuj+72mLi0t1wLirXGKV+9GmW1Sh61i45H"
        "UOBH/QJATQWXsdHIAIgGXP4jEj0JccpMsl5AmfQr1Z6l3qrp/vaX0JW5iLNg6zNiiaA4ac1T2B7JavxtZxSofmco/gFtoQJB"
        "ANgacfuUcgTo/mwr6xqYNIF70kauhECBB3j55Z7aQhg0VNnhM28DTS/JTyJ69lxyQfsQLP9Z4fVnToKcGIn+aoECQC+XjjCO"
        "o+T7PWr3blU9OvW8gQk1jpCYDZc5Kfq75abfcL84U6QcP1htacso5S+zrfJa7WYKBWO3jRMyOV8a6ig="},
    [TEST_RSA1024_E3] = {"rsa1024-e3", 1024,
        "MIICdQIBADANBgkqhkiG9w0BAQEFAASCAl8wggJbAgEAAoGBAJ/WqrBTvFicTMWuN504/LvMVXJXArO/Y34M90eU0lxryLQh"
        "0gZnymrrFoFAMRWnvzwBZCcl2bnOlvLqkcZ7STSDBbkgRT0+JqWluufDbPlWh65h9YUK6TFWsW+t7Ult5KpWSvmz7ESata5D"
        "TWJRFHurG81qckFiFQSpZ0OUuqSDAgEDAoGAao8cdY0oOxLd2R7PviX90og49uSsd9Ts/rNPhQ3hkvKFzWvhWZqG8fIPANV2"
        "Dm/U0quYGhk70TRkofG2hFIwzJ7n1G+TA0FSpPHJHtaYdccnWEStt+sgdlDB1RmiLBcFd07qg3BIoaH98UteiX1URWlj87qC"
        "QZDQGo4CJadQaZsCQQDOwWV/zWCSL7jFizIaLxeeug3GQTyXWtmhLGHHwIWHDaEPODpkY54SbkpSDRRnfvHUYokaO0jb2p+1"
        "BwNv0ZkvAkEAxeiU+RtXyfr1dYIHZ1kxDRKcNK+0kt2mPGJOP7mBxE7WULL6Jxu0FUp6ADJ/rZchuKNWuHOWLQI9H10HqfBs"
        "7QJBAInWQ6qI6wwf0IOyIWbKD78ms9mA0w+R5mty69qAWQSzwLTQJu2Xvrb0MYwIuET/S+LsW2bSMJKRv84ErPU2Zh8CQQCD"
        "8GNQvOUxUfj5AVpE5iCzYb14dSMMk8QoQYl/0QEtieQ1zKbEvSK43FFVdv/JD2vQbOR697lzVtNqPgUb9Z3zAkBjsoOtUOc5"
        "V+vzGyQFxSY0Nz529cXT3Xh1mCXwr7kXiXgSD0zsNUqx11k1VbpcKK2wnZqhS8TrzM4hFiEnXINY"},
    [TEST_RSA2048] = {"rsa2048", 2048,
        "MIIEvwIBADANBgkqhkiG9w0BAQEFAASCBKkwggSlAgEAAoIBAQC5SPxJ8kMsWR1e7HflWonf84wjYsHfdUcQ/uQe37fFRmxS"
        "bsCLs4vo0HZRfO3IcdkVeZ5sQ5y5XAdO+1jXc+oNo24sf1jabCZbFtdc/4TxTrwFzhr2YC63TXrBzi1Vq/G3SKa7yKNMikBS"
        "IWayGBykKOsgX1oHAw5478uRLIAvBqiO+l4BNCI16NWxJSOx6+03p/fjiBd3aLgF0OxrmwNRfSuwO22XRxl+NgFRkEp62akw"
        "HXxxyX8+HFyMJO0s38/rRo9eqgT3oXkPQGrCcKr+5th9KGTFAE0lEk/9E6qvsDCBTanVRuJ4uqXb8aNi7W+Jkw9OC3O7sdja"
        "AbNw1ZQNAgMBAAECggEAGZBooMJAguSrwP5S343xonjdr78vPSfW/ZERg/H9jsYz6V63Cb9k0SM8A+u++g49M7GTSmA8xjVc"
        "m8jhnd50H1wadiC+72oHE7/PyJjHrKyelBV3EmG8aFWUF5vdFOozoERxnsykvUmA7OQHYZCimQK9SDrntrp0+3ooZdgUOoiN"
        "r8ZF1IVDVV20JIW7LHfUIXsDSYS/VsihETFGc9ZU/SSdrKjdeJXkk6jI/X/w7NL+6RoOVo+7LTvBcQ+/kAx7QVY1L9PjIlmU"
        "v+ovm1KeL7fjzCuqDyQ3OpAdZidUvoFMuxKKJN2l5jj4x8atVN+lalu3Ngz4Q2MO3UZyNjcPOQKBgQD7RNkz3dWNzhXNJqQk"
        "S7A1wR4GqJhwyq1whSIoLs45Qql1G0ehULsheRt2kvS12tcI4R1PsX/OwNKadwr2cL9aZKfTS8/TAjmR5NMw0ia6YRFI9l/b"
        "Pa5y2Hz1ia+deC3sPKYZL5cudVsKpRKf3yIxb3Jgkzb/gMi+hgQKU9eXFQKBgQC8xhXvpTJKWmO0f7iEooeaWZuCVUH/zG8u"
        "nzMs7i2HFKKOLjkJhZuDrBT7SfzE5VGzZRd6FnzI9Wp3l8Zn5t5vX40aXT0hgo3Uny2d5GuAwyWMIJ17p4QuHyl3WWbCHjfk"
        "ha2yB3kjq6PAiTzZagRTGh3rkiJPFuVxi+eJFp1HGQKBgQCm2RrZpA5wcU5swaHxMAk8SJYlmcJP82Wj9+OshxgNUcSwrIKu"
        "DauVGJQx8ndoYn6zuLf7+UODCOtQAohXCJsn7Pq8BfVkim+r/yR1oLZywI33wxH3xUeXn0Wqzdi9WdY0rjklNELRaMAhm2d4"
        "nXRZG0X59wdoNh4W1WrNaMsZ2QKBgQCJGhzodkR2N/veJjzvJ9PwyE/ncuCCVgoSBFH4ueubBeOh+/Q09DKkiSCb+Xp5zktu"
        "TWelphtvIL74qOTSpZy7qtwiX8F8SwOTfyB0YmeplxH4GeAG5P1dOgi1w9qb9bKGaIhkmoTi4VAHECV/ij4l1PwSEYqVgn2V"
        "4BSDPkdwUQKBgQCuMglRv7uYY1Y3H5MqciUILhLuyOVHLM8RYgC5DMZF71MVz0Ryqq7VxVdredJGGlnwLNVuwIl6KyP/DYYw"
        "cvDTNckzv27CkMIF0icm9W0onlutWIhYOD6NRb7h6FQ2vfwFkkuAOlxrMORsSL8tJVgkRYkY1A10cBjfWgU6BzSdmQ=="},
    [TEST_RSA4096] = {"rsa4096", 4096,
        "MIIJQgIBADANBgkqhkiG9w0BAQEFAASCCSwwggkoAgEAAoICAQCH6dg6jF+OOj3A0C2NwEWeEGbHWZZFupG/4wXeXa/NbdQZ"
        "LfgnZAsUOV/8756aJeURyAHqYBauSbOSiSbO03pb2vJgLthStgmqRNZ1cpO6KaXq0OzSLp2ZDEX6UmFQsUibNZkVI5/0RmWd"
        "/Nrmvbq64SlfjlheRAfR6bqEhraTYNk+T6QZNGftaNZN/+32ZeN68lZ/P91grc9au5GUCmLBWg6Vb32jdzHzV3iG+t15JSU5"
        "wEKkbLCLJkio52zBXzPD40p1C+Qlwg92bTK3I/f08BTkLkepeP0S/GFLRn75wnGiIPJbxoiRG7zvIyt3u1rlXr80J3C3mzeR"
        "eakcs5ps7pBDnfpqx/+Z7RyULNhPfvGcr3vWLNj5EovY9JYc+Vq32Bb8yBYmrOHVP/3h+cpqjlU3DLNX8WKTbh1EY2+t6HGE"
        "bJq2fO8LofoQaPjWsHLD4hWIopKHRaYfyT4tExvjfRXmyGIa2PerhA6Uhv0wWj3HN8BX3GgDAwhlGJWpndUM0eNcQ30BmQK2"
        "myj10gjiOypwCc7smS8eALoKQ+rmDDpD1SnZ+buWBxFdzACnhxiNTJSoFKtkD01qXV4ZMGHk8Tk4gp7fpUmCclkQls0PewSL"
        "uX5frwTjg9ljpl7yo8xdPK6giyc3od/phgzUiHU8sLRpDWSKsRfLN5WuYcWPcwIDAQABAoICAAC5BR3WlkF+3Mo0MTHSRmx/"
        "QNSpjMuFIPZIwkS68c7hWSHjJTEsboSmg3SoX4sJTY0JJ71z0lsN6EcMtKif5kQrx2MsjJjv/+Aoao2IVPHF++xiPQgnGE5y"
        "isK4gmz37F9q6wv6OwUFBNBQwmc8tgv9W4d3DdA+g14h5IyE3N6uwqj6qnA5352bE5ypkj3fr9R9Cmm10LsNYY9ldPI5Fepa"
        "TL6Nr7jZTuow2mK5Xckhoe+LLq+KJmwvAW7ogCMNGwzdHg2+SPHMdOGX1g+0QMLMLghCmL31dz8NGYVZdB5m4szOaQuE5EAF"
        "Sj1pTfdehy62EMU5unc3e5Wp9HTDHbyZkktllSUgAdKHkP3UQ2FSmyn6ckt4uy0zi0Ptnynb6k54yIsQLXo+Hyw+uPGQNTN8"
        "oSEGAfOM8l10OaKZ39iXNp1ossdkm2Kwsd5ZPWs0Hwo/l5M9k2dxzQG2a2dB8RczTlTTaWDXL3tz57yC+Oq8J+ANsFaZXwMJ"
        "y0k46j0QT7XOF4YOkGIUU4n204jVxHGvZkJ92eu7iBxm7i5bRs8ksXmM/8s69rlloUcfrvdtSsfQz//HvqeMyJhiySHE1xTc"
        "u2myZgCOsh7WFKvyWSuwA47Q3SUzoVYwW0FnoSw1iKRlMm223KjbI062bHo+0WhWjOPSyLrp+tPUk6skBW6ZAoIBAQC7ojw6"
        "hgnS/Cp2HdiCbuRFt5zSYtDpsDg8I2flJLOiZdTcGgIJTyf96EPsKhAM/DSHF4lxTuGhrgHyJ2dFgr8260h2sxDY3gckEAS9"
        "pyQTG2LErERXoYpR1QzSARmSJgZIwhk4b9I1Uxa7/O60koRAOUzwKtcPPAgdETI5wJ9GeYqrlJveJ0ZBEDoHnyEtFThtXreM"
        "M28kK5M6sidnk8dCZqamUd2EQSm+dftzLLzSsqhur5ollNZP3zn56oODfgJBzGTrQHJX/BBtZCZbN7W3eiZqGoAULGXze7/7"
        "61RhSeuFgBWRTXbF5kU58sqhklM/d8zJ3NeGVKwtfszMYCpLAoIBAQC5b1ZyHYvRbNH61gpyEBrMJtalb8LDme18FFpfE8Re"
        "jErcY+7Uat0v9IYEuMxN8VPnM6YpLymfeAnjeGD3ZinIgzTAgpNcPZvBc78xjN9k95zixlBNZ/l/Dgi8YyThTSydWTcpsLid"
        "h3a/HXZJ1oC1TK4FLy96FUZVwBfpJR/5f2rJ4HSrh/HqaIpD1nmzzjwZf2ebDgXBhlhst/lL389zy1q5Dukrr8g2ez5hk49t"
        "W+XmenkAxBCMRUunwQrcYVl00vwhsLtjk5LtccXbRIVV6Ivu0mEOJWL6L4lONJAmtHKRewEHiGwqFmZsSI9gtrj9vZ8TAjqK"
        "0HuqmF/KmXZ5AoIBAAmZhk1UOEJ0JlP+uOoLdGBgwYQ+DAQ4wNfK0/D0TMB9R0OvjPUe+KPT802s5T9U0/cpbB3A9GhKN81E"
        "2NLEmrXbmcyA4tbFnUXqD+QIHh9gIlB/o8t791CyfsJrzfwdN+sXCyVJC08xHhOmICxa5qtGgzoyZuhfoOajz5cG1N9NLpwS"
        "sVrPVZfUlbN4H8FnuYhW9TsWEpSeKh0xqjRxahtqlxIhVB0FHHajIKdG3a5F97oZ/9/2WnShrhysM+hRVRo6s9sZZAA+ZDTE"
        "j/XQxtpJRJffHThrARhQ94STCLElkAg3gmL5vJ7pZhdN5bIYg2vW3EJjqx8zS8/UEfRO4zsCggEBAJUEThnieIvRwWSsQTSs"
        "kHxi8bd8+q0ps9k0mfMx9Wptn3NAs5rsTdfNzy1YPIaeWui/btZF2lMWqgusn2/xH77NAcV6qWVE9TgfBhSRuqxu+Bqdd8bc"
        "uXlLE+YgXnDYDfRcz6GnLJUbWWf4CykHQeNwPaBY7PRUyHL8rbpkZS+hH3Yf9GIsG1JetE4TuzWtlEqBQgcu251Lkx+7MJGy"
        "yAmr77orq2G6H1D49YaAiJA/e58d6MOezBWNUmD7FvlHGhZxvsBsQAqjez1pYrD0fZouCNXhJrGxhbq8HMFGKFmSRUd367nb"
        "/eBMo/58yQvVixAOJBmoftcy905+qOwtKzECggEAUsBHN0Ie9YH1GAnIeRaxHN0w++B7Tsoirad/ecifknBbAO3U82V2tdip"
        "Qr5qagREu0tZ9KbNW5hKvlpr5FW8hHheNiUlBIGKpMB+2JXa7Kvl9MaxDbIl+luyAXcUWOppB8ZJ+bFYKhAvn81Etpz8xSP9"
        "9v9Wj+MbhITbEqhvlQiBzL+R94mqSe7KmR6cxRviEsOGLjRwhuvHxpkM1Bxpb015gp/VPZhRGYpfKV7NVzOPBDpwGaNLLaew"
        "4qslRIxWQWsx+gZbmFgni1UCCWFGxCS/RPmvlpenRYGTgEFxa/jK9ls0of5gPEolN0wHblGg7sj0qnyAJ1IDQevNwp1jkA=="},
    [TEST_RSA8192] = {"rsa8192", 8192,
        "MIISQwIBADANBgkqhkiG9w0BAQEFAASCEi0wghIpAgEAAoIEAQCzdPUG0Tw7HITfvB1TnrLh6ovz5m6gpPFNkm+cZ5LcOI2Z"
        "cVNqdCvWw8y/5ZV14qAbkjsKcE8CUr5yPU1WRiJ6kHfVCd5k/IcuhwwRxGbF1V26ycxqNyzHecOyF+BtBDH3f4H8jMtTJs55"
        "qwjNd13u+IMsF6A6L30e6BYsmPWTeAPZSF9puK0tHan0UHwp0V4uKl84bYK8/g7tpOVIyPODuCIeHtMZtZOHkVvhiEcG1hx9"
        "fL2i+sNSsYbvYYFTDcuUPHMfPfW6L+FYtXBKl2s0zXMdaEJD4Df39ZXMj3yM8/x8dlQm0TSfLbdOsPkwwBt4veWVWb1lNkwk"
        "rDRAhJoJGA7ojkvaGem5IBgOTMGU/b3Q8ipQTIIqxIXUQ8iOEp/XfW5Ex+PAORyqBgIhZsXSvwEBKYRoniJjrmFXdhBXJRzS"
        "sUJguSYH+AcgzyltFAE2KSRF3LMzclL4gWJh2bdoey9pZHjocmBXYJamw54VQiC8SclnAE4+xoh6oxnnOGjE7XUBqV+SavfB"
        "TsUOF6crwlb8D1r07U058bJcPxhUC5QMvZOeYSQonM6UP6tvN55vN/P5pg0HEn5ZHhzEJiQT13Wf0dRhfVXJc9qI1yrnTz9f"
        "qEvgeGNsK9XACmtOuDl6zCXGbVy1on8MKfoQMdH2kjqiUuJC4IYeUTstIUuK0M5y5GB9uNuVsP3n0pG2SjQXDzu3Gy+6Ztsz"
        "hDHvNxBD4m7Wkm8y+k0bEWK9r9Uvd4wsCt08pxBL6v9fDayz4ESFdZY3hP086aq919VAVf7shnBAsJQB6KpCkd8uNQBRWLGQ"
        "s1dencPa81+VL/r2S6zeNpLCual6Q1ltU0pK20OW23gG4I1j5Hia/qCy3vIZnS6OH1QhULFDG/4GSEeU0C55ADvrXCQNGton"
        "jRothSF4gOZ8N0XToaHzS2Dv/STYXHC9WSGvLSyZvl/KQmbtISfijObofaPXqVRnO6T7PT3sxJYg9pRhxkvF9KZmhvGaJ2pD"
        "QtAnD4fNXmku9loPBKACjq//noHhXGhpAwMnFG5Y9MV8WForX/4luOmEb1NOE2e5+jLaUyTRWqv6MUYuSvBOjEGFwvcof5nB"
        "ug+h+HRhvo8YBaqLaLHnwrrOKAYSGRM2KJXgu90IYgL57iCImZej+6zmOjF1oq8Cj+yhaaouDMoCZRB4wwP0purO97wp6af9"
        "JG5XMf0rwwBMxfh9zKpaeGSWfJvTMpLXZZw+wJd9bZR390U6/pmWDBjN9y8dejCt0JdoTqsOY9DidpFKgFQgq7M2F45qMTTL"
        "5H13gidqMwexopkmVVhh0stY1P0YRjxcIjMs4CfOZGky5yRAnPZEzMuPJWw3QeHlLiVfLYcDAgMBAAECggQAJpF7W8S6QiYF"
        "9KPUVbVk0qL7AydCHWp1petT63RjHstUu2acu+NNzLF2HsPz1Esph+NspviuMlygK6M7LNCT9m14I6QkVOXlE73YfTUNtXT+"
        "2Pcn5KgJCrIDuhHhnOxq5LtVr3Z++Fb9xy5YDPibipGEd4R4Xij4phzRLzKMjO4dPaSNRQZ4yZp3fVeS59XkfN2Ea3c1wvKD"
        "ONXYpUTy+Rso0fpj+kGI/HjkG1uTkEeSBfI6O33TXsFis63sAnKTjz9SqqNBXYuOzeboxE84rjd9hxNyMm5M+RCh6j3oUc7a"
        "M9GmklUiDxffLp1gYPbYsKF3ZxrLVqZNxQ/xhvA4vr2Z7qcubChnj+7y3JfofuHt2qtBJtLaouBrtsv+nXIpQkHl4ghnzVc4"
        "7t2ttYoF+B4u1BYdK/LYhz3iE87/Aguq3ylTj8AbCVloBsgfKh9Dh2VeM1mUdfkbFeeQwmDtRxo6fVcnmSWDySOsHRkrr3vv"
        "1yewjl+FcX5vtJO7LHN2KOSz4fCJ5sjwiG4qcbXpqsDwuul97efWUh6865Bv5Rg78GUKBd7wy32v9DKe4J8+gL6ww7XJVPzH"
        "hNWw7wMXe+AxmnCZSX6LYmlwzToZMW9ZunBMJmkZTRU6sjRLDbcQO3EGqVe1th+/WFjpMnPSoUCaM2rG0AK7MGba5f8i4ilU"
        "IucDY/WaMRKndBu6mFwYvQTU+yPL1ub4Bd8IxVPM0dpo4z/la84gEulGbIvDE56SJAtJb2ZItzuOasPP6euBLuJYFN6Wxx9g"
        "a0UHnHfukR8Nopfhn+gcF8uHB6Qq9b8toOq1GOUTQTGHREVddi+QkayeU/cBG7c+lvqhkjCj+01AZhcQgkKwE7VGIWsIavEx"
        "Rd05Pr7iZ0PQ7q3g59PsgCXIr5RL6PUKYX3TpebfZrAMy6qiZDZc8U7F0P0CEphBborvsdzw/4Jamg2qoXxX9h0ZdVpXc/MV"
        "bmTVpblMgtP26YlDEghUqH0MJW+hfsUm3P8UgT0jk5SXB5eV/TODG16i8QmgNA0ABCjeVxygA3evO1Nzz2BjwYEf2FHbjWhF"
        "l+Af9sP9CpglgLmQZ27QjAGwKlFd/3H2F4dH/jTgPeusSOxGl635XzPRD4RfFuFGA5rfW5y1/SjY0Y9jcnTIs7UX2y3SUZPB"
        "jd9NXNJ2ixct6BuFvrF7AtJUBc32lQpBkqtJXY0dZcW850hHINu7TUQsGOqmBILJI+UvBRP2ykBOjt+JYl+Imq9Q+wYXAWJx"
        "5yEvdUqzGvIzB4KtYbCkcHoWraIVI3yby6JLKUhYvWH8vNp3FEVBXXF89SeCdLa58DU4b0+5jYGsfiRms6PvQWrd42bDGdjz"
        "0L8VHWelkQKCAgEA2DRxc5Bb2M76I0qa711tqJH+SK4P5IOV2Qwl1QRlSL0RFWbxBjyG+ow5u/OVg6Yvlj36wWxLaHsOa2gT"
        "3lR+tqK9LU/+a+Y8Ckd/pbLqCYL8NyxNIbErI6bp3+Gh2BQuVyDtXq4RNCTF2CPPHEu2SQA+JHtGPL5d8n03wGch7S6/+H5B"
        "zHh1XyKIPZ/rZ7sVW4dxECTvOpEkiW9EgqfsUsSOmxN23H3gzYdkSnJVhCNXvAtxCYfbCVWSP3CF8Vhb0uK1vZG8rT6Atfm4"
        "aLecMTiPa2g9aOsehomyREgPdcWwBy4cwG94g35jF6BtZ74HkNW+fijd1pHvirQt1WuTdHTEp0uCM+b0lORWo8IKoqLaWHa4"
        "6LgOTruwkWbAzKQ6phf3kgKd8HDyL2/8g9dTODUHXbMXa8drNPHUQ5Uwn6HGQOoXwOU25wB+hxnSyeV0rDAba2RpzLTRnyYR"
        "14EIav5Dx04r8Fzi0Rht3um0qWgcto4SRD1Jd0jgtjC+BafqMgmN8TUdhPahs1N/PtudNlGOw7euhCBLeTwqpVEs7f8uxT8B"
        "2aiU7bVzjFzWN+BY4SKap/O/UN6vpwx7lgWGHlb5oFtcS/oI/8xTVBgEMLwbrW5tebd+30A7zT5a4QNm3+7HyuleM/bZypKf"
        "ySwdeIBz28Cot5Y6xJW+frA4cysCggIBANR884dvvD87v4zmjTWMOw4bkOdnUuMOfSFmb6LU0R9Wjtm0rsG36tPkqP1Av4oX"
        "T07QgIO6aERjIcvP0mhlPn35oUFHOZVTAQYRqbj8SBRvx+7JAX7cORBTEhu0Qv4uxJ5ydQlKfcOPocCNs8posoeYcj31WMKZ"
        "dy5fQ5r1n3PjXlWddXdpnzjC5wEmmI6//nN1gUw4SMwGmvUZUT185YY+NTwN6cKMLJfpdPa0QHCAhN6w1a78Pq2PY1Kcsd7B"
        "aNoSnJbT8ePy6Gs6u5lshLy/vrZmLEJMQxhuIo8XarzdCxynIRB3EUzj6x1HL2xDWUWfgAo7FoqrTKblY4Z1uM/TL/lVR4Vv"
        "4y5kZV7eMiSNA6OxegSCrHNYtrGxublwzCSFt2KctiKSg6OCm4nZyjoAlAbiErhihCmbJV1xp/9ykAeTUcuNNhS/JmO8YHTX"
        "MXaezJuVBQaRkCwYMjM40XCKpAoDL+fwdA4WB3VxMJa/CURgk8Jb8ziDeSm6hlVOT2KF/jJhfC3aqziimDvyy6+PJbD9ggL+"
        "hAz2TRrpFnj6rBCmiUWo5a6sIAQC7iWdGyTgMnQEitZr4Hm0JKjbDQmVTfqmX2MgEBVLyvstzz5QZvVfvTicUxu3HwckoOcr"
        "QuCizdPMM56BIbYhU2QFhzMT+LFQl73L5wqFvviN+S+JAoICAQDQM5h5SDAalh7ts1+GWHtMVOMCDJUDYu//pyIbg3Mh2+hC"
        "qvI6Jjl5t2W1qHl34KZ80UzTzTzE7ZPSPNS9SrMHn6n7o8gHEh0JbRbwc13LMRc+7muMoXdAivE3hqn7UlvZzbyoa4nno+3e"
        "GYXN4t80Z4ZwTUIzJsODy6/PmcFjDZ0SaEtm4y1sIu3+Ii1opBGKJeDsQhUaWkFMFBlulNUQU3Zcwh65cIL2iYY75uSRLhPD"
        "42TEX86/q2b9rpdd9c/fQjDv0BNY5hK+qy85sG86OxRpw2U3zwuDVcCU3qv8pxW/pFlNu0rbne9BBl21BJt2j081YJdYlQqP"
        "kLl+h2zlPblOvXkyEBvB8i243xisy5TmkdW5Td2BVl9Pdhr+Nry/y969/cUokSu4IOiT8dyTCQYB5oAMa2rC/oqBVn8PipNH"
        "Webr/A+l3qT55xVFFbEIS/9rqLP1zL78uoV9+SUpG5gbqxzHCDvoTdUoT/iJFthnuGLA0iAYPdcfu8qR2cS+0NKe0J6Pt426"
        "ChNEbep0L5ACy7TESfFEW3tZ3dUdj5rzmZxnhV99ljoilhg4kNQmYdN7H1BCSV/vxyaQLtucBfe3w6MbCzp1Usd/+Oy4Hb2t"
        "guTrzJfh15J/MKgFfegoh2Jg9eCgu/u5hv9WlCQBMfngSiRvPr1zKBzdFUgXJwKCAgEAkudUAnWoYtsu4f3e8H9jsKw0MReJ"
        "AXtZ3UaRtbSGY7EXD8JP85PwoM/8WSJzicf1x5p0zx2HyofyrJKgeBZO7w8vgg7465i4I3cArOiV+LMTOa3z/73HIdcctNSa"
        "YFr7CkQ9T9AVRKe/f304KJ7bls05ZkaCN/+bmw63kaFwvNEbvfsfZBA8ySROSshhPofUJgS+AHEFOzDx3rPDK8x2bqoBaeSA"
        "kUUR63C2sX0K8/yWX9NH2DOCLcHtPAcjHcr/b4zgf5JGMH8WWlP/sOGKn2e9NSNMRAWveWtjLyRUYgA8F3IgdN6sskj8moBF"
        "dAbX6D+OaQRS4Envs47xkNtAi0YJa8qeqM0i9kboon7hkc2AD6K6pfWlvhU+MXma2m72Y+WiVGXdseczZU79s39DxXfy3xNb"
        "N+i8UHt3iLP0HrIYi3Q5X43gLtW8d8Wbtgu0obrF4GZVVCY8049i3XDRs4nWQSnU6/icc8SdIX/AxOeMQ561aPDjJVYX5VaU"
        "WtPKJGZYyIIHNThxmbUnpIKGeXhw6X1KbkGCD+gUhJ9TLw62+Mf6LZPIP0u20q8n8A8+3e62Uul1BysLxXhaw/a1e8OiZsCx"
        "P7nCBMcirScNmZpCpC+thT7mYknnBKw5JbkOAnnr7RrHMTU7lkxR99uujgynqgb68XfP4sF2tyaIeWkCggIAEXznzWOAH5Ea"
        "nQr/7vnl4yxFUP3KPDL5JlTZyyIyBs5wMbkPZR2qUAtexx49ALydNuuHgT+N2eUygDG0k2zeXXm04Zjzd92LgfnZvL0LnPKO"
        "e8kwIbtnVn+Lx7LqYlIQnndIVQcaIOvaAJFpoQ3Kyc84/ptl30xjeYCcP0Sl/TDHaathj9qGqrWfBCCvTPVrWwTcyConLOht"
        "sokUjXYK8yoRDqGzhUFPkfE7MEB2TXsi1RINUUDRHS5Al+a8zzDIenFIDg7drhfZu4oO+A2gdSW7hgVFDzyvlS4Enls0jJvv"
        "O8ImXqyd88mCkDqKxGHMmMTeBgKYFWSo5Acv1pvJYqNg5hjj16cUmDFMGR2WbMkSgSR3ZwCWdKezuOwa94xl6QAE+Qm+jkAl"
        "bJF/q1R2PqW0sHPqsou4ztOdvtYUyvXPH0pRLWbD5W2TAv062sH+Fcp36AGB2lHYJ5TfehUqd5zoZO+SJzNZ5fXMlYnn0vFM"
        "fvK3ZpcLHqrv6IkxSuQACjQTDnsXv3iR9iQGf1wSKOfEJijsmiubEW51K6NYmSVTXm/aYaeTf32YutDLjWdU3u6gff8C/pxM"
        "Ao7KD2U7rsHcMUOjgHYJAegNqtx5QSit0i233Nvf66FaY7M2i/fm7pCdwDX1cBMXmEiUOaPq6Vrm/mxoHlEB7qnoK4i9y9o="},
    [TEST_ED25519] = {"ed25519", 256,
        "MC4CAQAwBQYDK2VwBCIEIM/Z/gVJvbTFTG7FWePHOWEpwcPHx/ps+PGjLv8ZNPBA"},
};

const struct test_key *test_key_of(enum test_key_id id)
{
    return &keys[id];
}

EVP_PKEY *test_key_load(enum test_key_id id)
{
    struct mv_buf der;
    const unsigned char *at;
    EVP_PKEY *pkey;

    mv_buf_init(&der, 8192);
    test_must(mv_base64_decode(mv_bytes_str(keys[id].pkcs8), &der));
    at = der.data;
    pkey = d2i_AutoPrivateKey(NULL, &at, (long)der.len);
    test_must(pkey != NULL);
    mv_buf_free(&der);
    return pkey;
}

static void put_der(EVP_PKEY *pkey, int (*encode)(const EVP_PKEY *, unsigned char **), struct mv_buf *out)
{
    unsigned char *der = NULL;
    int len = encode(pkey, &der);

    test_must(len > 0);
    mv_buf_put(out, mv_bytes_of(der, (size_t)len));
    OPENSSL_free(der);
    EVP_PKEY_free(pkey);
}

void test_key_spki(enum test_key_id id, struct mv_buf *out)
{
    put_der(test_key_load(id), i2d_PUBKEY, out);
}

void test_key_pkcs1(enum test_key_id id, struct mv_buf *out)
{
    put_der(test_key_load(id), i2d_PublicKey, out);
}

void test_key_raw(enum test_key_id id, struct mv_buf *out)
{
    EVP_PKEY *pkey = test_key_load(id);
    unsigned char raw[32];
    size_t len = sizeof raw;

    test_must(EVP_PKEY_get_raw_public_key(pkey, raw, &len) == 1);
    mv_buf_put(out, mv_bytes_of(raw, len));
    EVP_PKEY_free(pkey);
}

void test_key_p(enum test_key_id id, struct mv_buf *out)
{
    struct mv_buf octets;

    mv_buf_init(&octets, 8192);
    if (id == TEST_ED25519)
        test_key_raw(id, &octets);
    else
        test_key_spki(id, &octets);
    mv_base64_encode(mv_buf_bytes(&octets), out);
    mv_buf_free(&octets);
}

static size_t sign_rsa(EVP_PKEY *pkey, const unsigned char hash[32], unsigned char *signature, size_t len)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(pkey, NULL);

    test_must(EVP_PKEY_sign_init(context) == 1);
    test_must(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1);
    test_must(EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1);
    test_must(EVP_PKEY_sign(context, signature, &len, hash, 32) == 1);
    EVP_PKEY_CTX_free(context);
    return len;
}

static size_t sign_ed25519(EVP_PKEY *pkey, const unsigned char hash[32], unsigned char *signature, size_t len)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    test_must(EVP_DigestSignInit(context, NULL, NULL, NULL, pkey) == 1);
    test_must(EVP_DigestSign(context, signature, &len, hash, 32) == 1);
    EVP_MD_CTX_free(context);
    return len;
}

void test_key_sign(enum test_key_id id, const unsigned char hash[32], struct mv_buf *out)
{
    EVP_PKEY *pkey = test_key_load(id);
    unsigned char signature[1024];
    size_t len = id == TEST_ED25519 ? sign_ed25519(pkey, hash, signature, sizeof signature)
                                    : sign_rsa(pkey, hash, signature, sizeof signature);

    mv_buf_put(out, mv_bytes_of(signature, len));
    EVP_PKEY_free(pkey);
}

void test_must(bool condition)
{
    if (condition)
        return;
    fputs("test keys: cannot sign\n", stderr);
    abort();
}
